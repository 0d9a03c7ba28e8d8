"""The electoral roll: who may vote, known only by a key that says nothing without the vote's pepper."""

import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, SmallIntegerField, Value, When

from ballots.days import age_day, end_of, reference_day
from ballots.electorates.merging import merge_small
from ballots.frozen import FrozenElectorate, FrozenVote, asked_of
from ballots.models import Electorate, Vote
from ballots.register.models import RegisteredVoter
from people.models import Resident
from places.models import Address
from places.queries import within
from places.streets import in_streets

PEPPER_BYTES = 32
# An empty `Q` is nobody's condition: "or" with it drops it, and would leave only the other side.
EVERYBODY = Q(pk__isnull=False)
BATCH = 10_000

_ADD = """
    INSERT INTO ballots_rollentry (id, vote_id, voter_key, has_cast, told, electorate)
    SELECT gen_random_uuid(), %s, voter_key, false, false, electorate
    FROM unnest(%s::bytea[], %s::smallint[]) AS placed (voter_key, electorate)
"""


def voter_key(pepper: bytes, reference: UUID) -> bytes:
    """HMAC-SHA-256 of a person's reference under the pepper of one vote."""
    return hmac.digest(pepper, reference.bytes, sha256)


def electorate(vote: FrozenVote) -> QuerySet[Any]:
    """The residents who may vote, each with the number of their `group`: the first whose conditions they meet, None without groups.

    The same people `people.rules.may_take_part` allows, for who proved it in time and lives in the streets. What is stored is how things
    are now. Of how they were on the reference day we know when somebody proved where they live, or without proof made their account; who
    moved since then stays where they are known.
    """
    residents = Resident.objects.filter(_lives_in(vote), user__is_active=True)
    return _grouped(
        residents, vote, lambda group: _has_proof(vote, group) & _is_old_enough(vote, group) & _lives_in(group)
    )


def registered_electorate(vote: FrozenVote) -> QuerySet[Any]:
    """The persons in the extract of the register who meet age and place, with their `group`; in a dry run everybody who stands for nobody.

    The group that the extract names decides. As things stood on which day is what the municipality made the extract by.
    """
    people = RegisteredVoter.objects.filter(Q(is_test=True) | _is_registered_in(vote), vote_id=vote.id)
    return _grouped(people, vote, lambda group: Q(is_test=True) | _is_named(group) & _is_old_enough(vote, group))


def people_of(vote: FrozenVote) -> QuerySet[Any]:
    """Everybody for the roll, with their `group`: from its one source, so nobody can stand on it twice."""
    return registered_electorate(vote) if is_by_register(vote) else electorate(vote)


def _grouped(people: QuerySet[Any], vote: FrozenVote, meets: Callable[[FrozenElectorate | None], Q]) -> QuerySet[Any]:
    number = SmallIntegerField()
    if not vote.electorates:
        return people.filter(meets(None)).annotate(group=Value(None, number))
    first = Case(*(When(meets(group), then=Value(group.number)) for group in vote.electorates), output_field=number)
    return people.annotate(group=first).filter(group__isnull=False)


def _has_proof(vote: FrozenVote, group: FrozenElectorate | None) -> Q:
    proof, _age = asked_of(vote, group)
    met = Q(proof__gte=proof)
    if day := reference_day(vote):
        met &= Q(**{"proved_at__lt" if proof else "user__date_joined__lt": end_of(day)})
    return met


def _is_old_enough(vote: FrozenVote, group: FrozenElectorate | None) -> Q:
    _proof, age = asked_of(vote, group)
    return Q(birth_date__lte=born_by(age_day(vote), age)) if age else EVERYBODY


def _lives_in(place: FrozenVote | FrozenElectorate | None) -> Q:
    """Residents who live in the area and the streets of a vote or a group."""
    here = EVERYBODY
    if place is not None and place.area is not None:
        inside = ("neighbourhood", "neighbourhood__parent", "neighbourhood__parent__parent")
        here &= reduce(or_, (Q(**{field: place.area}) for field in inside))
    if place is not None and place.streets:
        here &= in_streets(place.streets, "address__")
    return here


def _is_registered_in(place: FrozenVote | FrozenElectorate) -> Q:
    """The same for persons in an extract. An addition that we do not know lies where its house number lies."""
    here = EVERYBODY
    addresses = Address.objects.filter(postcode=OuterRef("postcode"), number=OuterRef("house_number"))
    if place.area is not None:
        here &= Q(Exists(addresses.filter(neighbourhood__in=within(place.area))))
    if place.streets:
        here &= Q(Exists(addresses.filter(in_streets(place.streets))))
    return here


def _is_named(group: FrozenElectorate | None) -> Q:
    """Persons whom the extract puts in a group, or who live in it when it names none."""
    if group is None:
        return EVERYBODY
    return Q(electorate=group.reference) | Q(electorate="") & _is_registered_in(group)


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
    """Writes the roll, with groups that are too small merged into others, and returns the keys on it.

    Sorted by key: the order of rows says nothing about accounts.
    """
    people = people_of(vote).values_list("reference", "group").iterator(chunk_size=BATCH)
    placed = sorted((voter_key(pepper, reference), group) for reference, group in people)
    ends = merge_groups(vote, Counter(group for _key, group in placed))
    with connection.cursor() as cursor:
        for start in range(0, len(placed), BATCH):
            part = placed[start : start + BATCH]
            cursor.execute(_ADD, [vote.id, [key for key, _group in part], [ends.get(group) for _key, group in part]])
    return [key for key, _group in placed]


def merge_groups(vote: FrozenVote, sizes: Mapping[int, int]) -> dict[int, int]:
    """Writes which groups have too few people to publish single ballots of, and returns where everybody of a group ends."""
    ends = merge_small({group.number: sizes[group.number] for group in vote.electorates}, vote.publication_threshold)
    for number, end in ends.items():
        Electorate.objects.filter(vote_id=vote.id, number=number).update(merged_into=end if end != number else None)
    return ends


def group_sizes(vote: FrozenVote) -> Counter[int]:
    """How many people would be in each group now, by its number."""
    rows = people_of(vote).values_list("group").annotate(people=Count("pk")).order_by()
    return Counter(dict(rows))


def residents_by_key(pepper: bytes) -> Iterator[tuple[bytes, int]]:
    """(voter key, account id) of every resident: the only way from the roll back to people, while the pepper is there."""
    residents = Resident.objects.values_list("reference", "user_id").order_by("reference")
    for reference, user_id in residents.iterator(chunk_size=BATCH):
        yield voter_key(pepper, reference), user_id
