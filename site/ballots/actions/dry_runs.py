"""A dry run (proefstemming): a copy of a draft that is opened with test codes, closed at once, counted, and deleted as a whole.

It decides nothing, so one person is enough. That no real vote goes this way the database holds: `is_test` never changes, and only where
it is true the guards let go (migration `dry_runs`).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from wagtail.log_actions import log

from ballots import clock, locks, signals
from ballots.actions.steps import begin_test
from ballots.frozen import freeze
from ballots.models import Option, Question, Vote
from ballots.register.issuing import make_test_voters
from ballots.rules import may_close_test, may_open_test, may_wipe
from people.models import User
from people.verdict import demand

State = Vote.State
_DELETE = "DELETE FROM {table} WHERE {where}"
_BELOW = "{column} IN (SELECT {key} FROM {table} WHERE {where})"
# What is tried is the site: paper has envelopes and persons of its own.
NOT_COPIED = {"on_paper", "at_counter", "opens_at", "closes_at", "roll_source", "publication_threshold"}


@transaction.atomic
def open_test(vote: Vote, *, actor: User, voters: int) -> tuple[Vote, list[str]]:
    """A copy of a draft as it is now, open from this moment, and the codes of its voters, once. Raises `NotAllowed`."""
    draft = Vote.objects.select_for_update().get(pk=vote.pk)
    demand(may_open_test(actor, draft, freeze(draft), voters))
    test = _copy(draft)
    codes = make_test_voters(test, voters, actor=actor)
    begin_test(test, actor=actor)
    log(test, "ballots.open_test", user=actor, data={"voters": voters, "draft": str(draft.pk)})
    return test, codes


def _copy(draft: Vote) -> Vote:
    """The same questions, rules and frame; open as long as it is kept. Nobody is hidden behind its ballots, so all may be looked at."""
    fields = [field.name for field in Vote._meta.concrete_fields if field.editable and field.name not in NOT_COPIED]
    now = clock.now()
    test = Vote.objects.create(
        **{name: getattr(draft, name) for name in fields},
        is_test=True,
        opens_at=now,
        closes_at=now + timedelta(days=settings.BALLOTS_TEST_DAYS),
        roll_source=Vote.RollSource.REGISTER,
        publication_threshold=1,
    )
    for question in Question.objects.filter(vote=draft):
        _copy_question(question, test)
    return test


def _copy_question(question: Question, test: Vote) -> None:
    options = list(Option.objects.filter(question=question))
    question.pk, question.vote, question._state.adding = None, test, True
    question.save()
    for option in options:
        option.pk, option.vote, option.question = None, test, question
    Option.objects.bulk_create(options)


def close_test(vote: Vote, *, actor: User) -> bool:
    """Closes a dry run now; True when this call did it. Of a real vote only the clock decides. Raises `NotAllowed`."""
    with transaction.atomic():
        locks.hold_alone(vote.pk)
        vote.refresh_from_db()
        demand(may_close_test(actor, vote))
        changed = Vote.objects.filter(pk=vote.pk, is_test=True, state=State.OPEN)
        if not changed.update(state=State.CLOSED, closed_at=clock.now()):
            return False
        vote.refresh_from_db()
        log(vote, "ballots.close", user=actor)
        signals.send_on_commit(signals.vote_closed, vote)
    return True


def wipe_test(vote: Vote, *, actor: User | None = None) -> None:
    """Deletes a dry run with everything that belongs to it: roll, codes, ballots, log, seal, questions. Raises `NotAllowed`."""
    with transaction.atomic():
        locks.hold_alone(vote.pk)
        test = Vote.objects.select_for_update().get(pk=vote.pk)
        demand(may_wipe(test))
        _end(test, actor)
        with connection.cursor() as cursor:
            for statement in _deletions(Vote, "id = %s"):
                cursor.execute(statement, [test.pk])
        log(test, "ballots.wipe_test", user=actor, deleted=True)


def _end(test: Vote, actor: User | None) -> None:
    """Annulled, then without pepper: roll and register let go."""
    if test.state not in (State.DRAFT, State.ANNULLED):
        test.state, test.annulled_at, test.annulment_reason = State.ANNULLED, clock.now(), "-"
        test.annulled_by = actor or test.opened_by
        test.save(update_fields=["state", "annulled_at", "annulled_by", "annulment_reason"])
    test.pepper = None
    test.save(update_fields=["pepper"])


def _deletions(model: Any, where: str) -> Iterator[str]:
    """Whatever hangs on these rows, the deepest in front: also what somebody adds to a vote later."""
    quoted = connection.ops.quote_name
    names = {"table": quoted(model._meta.db_table), "where": where, "key": quoted(model._meta.pk.column)}
    for relation in model._meta.related_objects:
        if not relation.many_to_many:
            below = _BELOW.format(column=quoted(relation.field.column), **names)
            yield from _deletions(relation.related_model, below)
    yield _DELETE.format(**names)
