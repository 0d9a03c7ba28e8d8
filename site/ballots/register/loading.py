"""Putting an extract of the register with a draft vote: all of a file or nothing of it."""

from dataclasses import dataclass
from typing import IO, Any
from uuid import uuid4

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from ballots import locks
from ballots.models import Vote
from ballots.register.codes import number_hash
from ballots.register.ending import forget_register
from ballots.register.extract import MOST_LISTED, Person, Problems, read_extract
from ballots.register.models import RegisteredVoter
from ballots.register.rules import may_change_register
from people.models import User
from people.verdict import NotAllowed, demand, refused

# Doubles are found by the database, so memory stays flat however long the file is.
_STAGE = """
    DROP TABLE IF EXISTS ballots_extract;
    CREATE TEMPORARY TABLE ballots_extract (line integer, number_hash bytea, name text, street text, house_number integer, addition text,
        postcode text, city text, birth_date date, is_secret boolean, electorate text) ON COMMIT DROP
"""
_COPY = "COPY ballots_extract FROM STDIN"
_DOUBLES = """
    SELECT line, first, count(*) OVER () FROM (
        SELECT line, min(line) OVER (PARTITION BY number_hash) AS first FROM ballots_extract) AS numbered
    WHERE line > first ORDER BY line LIMIT %s
"""
# One person with a secret address makes the address of the whole household secret. The order says nothing about the file.
_STORE = """
    INSERT INTO ballots_registeredvoter (reference, vote_id, number_hash, name, street, house_number, addition, postcode, city, birth_date,
        is_secret, electorate, is_test)
    SELECT gen_random_uuid(), %s, number_hash, name, street, house_number, addition, postcode, city, birth_date,
        bool_or(is_secret) OVER (PARTITION BY postcode, house_number, addition), electorate, false
    FROM ballots_extract ORDER BY number_hash
"""


class ExtractRefused(Exception):
    """Nothing of the file was stored; `sentences` are the first hundred problems with their lines, `count` is how many there are."""

    def __init__(self, sentences: list[str], count: int) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
        self.count = count


@dataclass(frozen=True)
class Loaded:
    """How many persons were stored, and how many of them get no letter because of a secret address."""

    persons: int
    secret: int


def load_register(vote: Vote, source: IO[bytes], *, actor: User | None) -> Loaded:
    """Stores an extract with a draft, in place of the one before. An agreement to open the vote is undone by it.

    Raises `NotAllowed`, or `ExtractRefused` with everything that is wrong in the file.
    """
    with transaction.atomic():
        draft = locked_draft(vote)
        _stage(draft, source)
        forget_register(draft)
        loaded = _store(draft)
        log(draft, "ballots.load_register", user=actor, data={"persons": loaded.persons, "secret": loaded.secret})
    vote.refresh_from_db()
    return loaded


def locked_draft(vote: Vote) -> Vote:
    """The draft, alone; nobody agreed to open it with other people on the list. Raises `NotAllowed`."""
    locks.hold_alone(vote.pk)
    draft = Vote.objects.select_for_update().get(pk=vote.pk)
    demand(may_change_register(draft))
    Vote.objects.filter(pk=draft.pk).update(agreed_by=None, agreed_at=None, agreed_hash=None)
    return draft


def _stage(draft: Vote, source: IO[bytes]) -> None:
    """The file in a table of this transaction only, checked."""
    problems, persons = Problems(), 0
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for line, person in read_extract(source, problems):
                copy.write_row((line, *_cells(draft, person)))
                persons += 1
        _find_doubles(cursor, problems)
    if not persons and not problems.count:
        problems.add(1, _("there are no persons in this file."))
    if problems.count:
        raise ExtractRefused(problems.sentences, problems.count)


def _cells(vote: Vote, person: Person) -> tuple[object, ...]:
    """In the order of the table."""
    return (
        number_hash(vote.pk, person.number),
        person.name,
        person.street,
        person.house_number,
        person.addition,
        person.postcode,
        person.city,
        person.birth_date,
        person.is_secret,
        person.electorate,
    )


def _find_doubles(cursor: Any, problems: Problems) -> None:
    cursor.execute(_DOUBLES, [MOST_LISTED])
    rows = cursor.fetchall()
    for line, first, _count in rows:
        problems.listed.append((line, _("this register number stands on line %(first)s already.") % {"first": first}))
    problems.count += rows[0][2] if rows else 0


def _store(draft: Vote) -> Loaded:
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [draft.pk])
        persons = cursor.rowcount
    return Loaded(persons, RegisteredVoter.objects.filter(vote=draft, is_secret=True).count())


def add_person(vote: Vote, person: Person, *, actor: User | None) -> RegisteredVoter:
    """Somebody whom the extract misses, before the vote is opened. Raises `NotAllowed`."""
    with transaction.atomic():
        draft = locked_draft(vote)
        household = RegisteredVoter.objects.filter(
            vote=draft, postcode=person.postcode, house_number=person.house_number, addition=person.addition
        )
        if person.is_secret and person.postcode:
            household.update(is_secret=True)
        added = _insert(draft, person, is_secret=person.is_secret or household.filter(is_secret=True).exists())
        log(draft, "ballots.add_person", user=actor)
    vote.refresh_from_db()
    return added


def _insert(draft: Vote, person: Person, *, is_secret: bool) -> RegisteredVoter:
    row = RegisteredVoter(
        reference=uuid4(),
        vote=draft,
        number_hash=number_hash(draft.pk, person.number),
        name=person.name,
        street=person.street,
        house_number=person.house_number,
        addition=person.addition,
        postcode=person.postcode,
        city=person.city,
        birth_date=person.birth_date,
        is_secret=is_secret,
        electorate=person.electorate,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as problem:
        raise NotAllowed(refused(_("This register number is in the extract already."))) from problem
    return row
