"""Giving people a code to vote with: cards for the printer, a code on paper at the counter, codes for a dry run."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from ballots import clock, locks
from ballots.models import Vote
from ballots.register.codes import code_hash, new_voting_code, number_hashes, read_number
from ballots.register.loading import locked_draft
from ballots.register.models import RegisteredVoter, VotingCode
from ballots.register.rules import may_have_test_voters, may_issue_codes
from people.models import User
from people.verdict import NotAllowed, demand, refused

Way = VotingCode.Way

# One export holds at most this many cards: 5 seconds of work and 600 MB, so that a request stays short.
PER_FILE = 1_000


class NothingToExport(Exception):
    """Everybody who gets a card has a valid code."""


@dataclass(frozen=True)
class Card:
    """A voting card (stempas) to be printed: the lines of the address, and the code in plain text."""

    lines: tuple[str, ...]
    code: str


@dataclass(frozen=True)
class Figures:
    """How many persons, and where their codes stand. Nothing here says who used one."""

    persons: int
    secret: int
    waiting: int
    by_letter: int
    at_counter: int
    void: int

    @property
    def to_print(self) -> int:
        """Cards in all: printed and waiting."""
        return self.by_letter + self.waiting


# --- Cards ------------------------------------------------------------------------------------------------------------


def waiting_for_card(vote: Vote) -> QuerySet[RegisteredVoter]:
    """Who gets a card and has none: not who has a secret address, and not who has a valid code already."""
    valid = VotingCode.objects.filter(voter=OuterRef("pk"), voided_at=None)
    people = RegisteredVoter.objects.filter(~Exists(valid), vote=vote, is_secret=False, is_test=False)
    return people.order_by("postcode", "house_number", "addition", "name", "pk")


@transaction.atomic
def export_next(vote: Vote, *, actor: User | None, limit: int = PER_FILE) -> list[Card]:
    """Makes the codes of the next cards and returns them, once: only their hashes stay behind. Raises `NothingToExport`, `NotAllowed`.

    Call it in the transaction that also writes the file, so that a fault leaves nothing exported.
    """
    _demand_may_issue(vote)
    people = list(waiting_for_card(vote)[:limit])
    if not people:
        raise NothingToExport
    codes = _give(vote, people, Way.LETTER)
    log(vote, "ballots.export_codes", user=actor, data={"cards": len(codes)})
    return [Card(_lines(person), code) for person, code in zip(people, codes, strict=True)]


def _demand_may_issue(vote: Vote) -> None:
    """One at a time gives codes in a vote, and the vote does not close meanwhile."""
    locks.share(vote.pk)
    locks.give_codes(vote.pk)
    demand(may_issue_codes(Vote.objects.get(pk=vote.pk), clock.now()))


def _give(vote: Vote, people: Iterable[RegisteredVoter], way: Way) -> list[str]:
    codes = [(person, new_voting_code()) for person in people]
    now = clock.now()
    VotingCode.objects.bulk_create(
        [
            VotingCode(voter=person, code_hash=code_hash(vote.pk, code), way=way, issued_at=now)
            for person, code in codes
        ],
        batch_size=2_000,
    )
    return [code for _person, code in codes]


def _lines(person: RegisteredVoter) -> tuple[str, ...]:
    """As the post wants them: name, street and number, postcode and city."""
    number = f"{person.house_number}{' ' if person.addition[:1].isdigit() else ''}{person.addition}"
    return (
        person.name,
        f"{person.street} {number}",
        f"{person.postcode[:4]} {person.postcode[4:]}  {person.city.upper()}",
    )


def figures_of(vote: Vote) -> Figures:
    """Counts by state, for staff."""
    people = RegisteredVoter.objects.filter(vote=vote, is_test=False)
    codes = VotingCode.objects.filter(voter__vote=vote)
    valid = codes.filter(voided_at=None)
    return Figures(
        persons=people.count(),
        secret=people.filter(is_secret=True).count(),
        waiting=waiting_for_card(vote).count(),
        by_letter=valid.filter(way=Way.LETTER).count(),
        at_counter=valid.filter(way=Way.COUNTER).count(),
        void=codes.exclude(voided_at=None).count(),
    )


# --- One person at the counter ----------------------------------------------------------------------------------------


def person_with_number(vote: Vote, text: str) -> RegisteredVoter | None:
    """Who has this register number in the extract of this vote."""
    number = read_number(text)
    if number is None:
        return None
    return RegisteredVoter.objects.filter(vote=vote, number_hash__in=number_hashes(vote.pk, number)).first()


@transaction.atomic
def issue_at_counter(vote: Vote, person: RegisteredVoter, *, actor: User | None) -> str:
    """A fresh code for somebody whose identity was checked, to be put on paper at once; a code they had is void. Raises `NotAllowed`."""
    _demand_may_issue(vote)
    _void(VotingCode.objects.filter(voter=person))
    [code] = _give(vote, [person], Way.COUNTER)
    log(vote, "ballots.issue_code", user=actor)
    return code


@transaction.atomic
def replace_card(vote: Vote, person: RegisteredVoter, *, actor: User | None) -> None:
    """Voids somebody's code; a new card waits for the printer. Raises `NotAllowed`."""
    _demand_may_issue(vote)
    if person.is_secret:
        raise NotAllowed(refused(_("No letter goes to a secret address. Give a code on paper.")))
    if not _void(VotingCode.objects.filter(voter=person)):
        raise NotAllowed(refused(_("This person has no valid code. A card waits for the printer already.")))
    log(vote, "ballots.replace_card", user=actor)


def _void(codes: QuerySet[VotingCode]) -> int:
    return codes.filter(voided_at=None).update(voided_at=clock.now())


# --- Dry run ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def make_test_voters(vote: Vote, number: int, *, actor: User | None = None) -> list[str]:
    """Adds voters who stand for nobody to the draft of a dry run, and returns their codes, once. They meet every condition of the vote.

    Raises `NotAllowed` when it is no such draft.
    """
    draft = locked_draft(vote)
    demand(may_have_test_voters(draft))
    people = RegisteredVoter.objects.bulk_create(
        [RegisteredVoter(vote=draft, number_hash=secrets.token_bytes(32), is_test=True) for _each in range(number)],
        batch_size=2_000,
    )
    codes = _give(draft, people, Way.TEST)
    log(draft, "ballots.make_test_voters", user=actor, data={"voters": number})
    return codes
