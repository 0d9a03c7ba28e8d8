"""`manage.py load_demo`: fills an empty site with the fictional municipality of Waterveen."""

from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone, translation

from ballots.models import Vote
from config.demo import (
    casting,
    contributions,
    geography,
    past_budgets,
    polls,
    population,
    referendums,
    register,
    site_pages,
    votes,
)
from config.demo.logins import write_log_ins
from people.models import User
from places.models import Area

RESIDENTS = 420
OFFICER, CLERK = "dirk@waterveen.example", "griffie@waterveen.example"


class Command(BaseCommand):
    """Everything goes through the same actions as on a real site. Safe to repeat after an interruption."""

    help = "Fills an empty site with the fictional municipality of Waterveen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-input", action="store_true", help="Never ask.")
        parser.add_argument(
            "--residents", type=int, default=RESIDENTS, help="How many residents, besides the named ones."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        random = _dice()
        with translation.override("nl"):
            if not Area.objects.exists():
                self.stdout.write("Waterveen: places, people, a year of proposals …")
                self._build(options["residents"], random)
            self.stdout.write("Waterveen: voting …")
            visitor = User.objects.get(email=population.LOG_INS[0].email)
            for vote in Vote.objects.filter(state=Vote.State.OPEN).order_by("closes_at"):
                casting.cast_ballots(vote, random, but_not=visitor)
                if vote.on_paper:
                    clerk = User.objects.get(email=CLERK)
                    casting.send_envelopes(vote, random, but_not=visitor, actor=clerk)
            self.stdout.write("Waterveen: budgets of the past …")
            # Dice of their own: the files come out the same at every run, so none is imported twice.
            past_budgets.import_past_budgets(User.objects.get(email=OFFICER), _dice(), self.stdout)

    @transaction.atomic
    def _build(self, residents: int, random: Random) -> None:
        now = timezone.now()
        geography.make_places()
        password = population.make_log_ins(now)
        cast = contributions.Cast(
            residents=population.make_residents(residents, now, random),
            officer=User.objects.get(email=OFFICER),
            random=random,
            now=now,
        )
        tree = site_pages.make_site(now.date())
        proposals = contributions.make_proposals(tree, cast)
        budget = votes.make_running_budget(tree, cast)
        polls.make_polls(cast)
        by_register = referendums.make_referendums(tree, cast)[-1].vote
        assert by_register is not None
        code = register.give_code(by_register, actor=cast.officer)
        site_pages.invite(tree, ("Bekijk de plannen", budget), ("Doe een voorstel", proposals))
        contributions.forget_old_mail([log_in.email for log_in in population.LOG_INS])
        transaction.on_commit(lambda: write_log_ins(password, code))


def _dice() -> Random:
    """The same dice every time: two demonstrations look alike."""
    return Random(1848)  # noqa: S311  (no secret depends on it)
