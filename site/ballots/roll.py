"""The electoral roll: who may vote, known only by a key that says nothing without the vote's pepper."""

import hmac
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from ballots.days import age_day, end_of, reference_day
from ballots.frozen import FrozenVote
from ballots.models import Vote
from ballots.register.models import RegisteredVoter
from people.models import Resident
from places.models import Address
from places.queries import within
from places.streets import in_streets

PEPPER_BYTES = 32
BATCH = 10_000

_ADD = """
    INSERT INTO ballots_rollentry (id, vote_id, voter_key, has_cast, told)
    SELECT gen_random_uuid(), %s, voter_key, false, false FROM unnest(%s::bytea[]) AS voter_key
"""


def voter_key(pepper: bytes, reference: UUID) -> bytes:
    """HMAC-SHA-256 of a person's reference under the pepper of one vote."""
    return hmac.digest(pepper, reference.bytes, sha256)


def electorate(vote: FrozenVote) -> QuerySet[Resident]:
    """The residents who may vote: the same people `people.rules.may_take_part` allows, for who proved it in time and lives in the streets.

    What is stored is how things are now. Of how they were on the reference day we know when somebody proved where they live, or without
    proof made their account; who moved since then stays where they are known.
    """
    residents = Resident.objects.filter(user__is_active=True, proof__gte=vote.minimum_proof)
    if day := reference_day(vote):
        since = "proved_at" if vote.minimum_proof else "user__date_joined"
        residents = residents.filter(**{f"{since}__lt": end_of(day)})
    if vote.area is not None:
        residents = residents.filter(neighbourhood__in=within(vote.area))
    if vote.streets:
        residents = residents.filter(in_streets(vote.streets, "address__"))
    if vote.minimum_age:
        residents = residents.filter(birth_date__lte=born_by(age_day(vote), vote.minimum_age))
    return residents


def registered_electorate(vote: FrozenVote) -> QuerySet[RegisteredVoter]:
    """The persons in the extract of the register who meet age and place; in a dry run everybody who stands for nobody.

    As things stood on which day is what the municipality made the extract by.
    """
    # Not an empty `Q`: "or" drops that, and only test voters would be left.
    met = Q(pk__isnull=False)
    if vote.area is not None:
        met &= Q(Exists(_registered_address().filter(neighbourhood__in=within(vote.area))))
    if vote.streets:
        met &= Q(Exists(_registered_address().filter(in_streets(vote.streets))))
    if vote.minimum_age:
        met &= Q(birth_date__lte=born_by(age_day(vote), vote.minimum_age))
    return RegisteredVoter.objects.filter(Q(is_test=True) | met, vote_id=vote.id)


def _registered_address() -> QuerySet[Address]:
    """Where a person in the extract lives. An addition that we do not know lies where its house number lies."""
    return Address.objects.filter(postcode=OuterRef("postcode"), number=OuterRef("house_number"))


def people_of(vote: FrozenVote) -> QuerySet[Resident] | QuerySet[RegisteredVoter]:
    """Everybody for the roll: from its one source, so nobody can stand on it twice."""
    return registered_electorate(vote) if is_by_register(vote) else electorate(vote)


def is_by_register(vote: Vote | FrozenVote) -> bool:
    """Whether the roll comes from the register, and people vote with a code."""
    return vote.roll_source == Vote.RollSource.REGISTER


def born_by(day: date, age: int) -> date:
    """The last date of birth that gives `age` on `day`. Who was born on 29 February turns a year older on 1 March."""
    try:
        return day.replace(year=day.year - age)
    except ValueError:
        return date(day.year - age, 2, 28)


def write_roll(vote: FrozenVote, pepper: bytes) -> list[bytes]:
    """Writes the roll and returns the keys on it.

    Sorted by key: the order of rows says nothing about accounts.
    """
    references = people_of(vote).values_list("reference", flat=True).iterator(chunk_size=BATCH)
    keys = sorted(voter_key(pepper, reference) for reference in references)
    with connection.cursor() as cursor:
        for start in range(0, len(keys), BATCH):
            cursor.execute(_ADD, [vote.id, keys[start : start + BATCH]])
    return keys


def residents_by_key(pepper: bytes) -> Iterator[tuple[bytes, int]]:
    """(voter key, account id) of every resident: the only way from the roll back to people, while the pepper is there."""
    residents = Resident.objects.values_list("reference", "user_id").order_by("reference")
    for reference, user_id in residents.iterator(chunk_size=BATCH):
        yield voter_key(pepper, reference), user_id
