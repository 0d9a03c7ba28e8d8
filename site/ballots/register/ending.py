"""What is left of an extract: at opening only who is on the roll, after closing no names, after the term to object nothing."""

from uuid import UUID

from django.db import connection

from ballots.frozen import FrozenVote
from ballots.models import Vote
from ballots.register.models import RegisteredVoter
from ballots.roll import is_by_register, registered_electorate

NAMELESS = ("name", "street", "house_number", "addition", "postcode", "city", "birth_date")
HOMELESS = {"street": "", "house_number": None, "addition": "", "postcode": "", "city": ""}
# Who asks first which rows: Django would read 100,000 of them to see what hangs on them.
_FORGET = (
    "DELETE FROM ballots_votingcode WHERE voter_id = ANY(%s)",
    "DELETE FROM ballots_registeredvoter WHERE reference = ANY(%s)",
)


def settle_register(vote: FrozenVote) -> int:
    """At opening, after the roll: deletes who is not on it, and the secret addresses, of no use from now on; how many persons went."""
    people = RegisteredVoter.objects.filter(vote_id=vote.id)
    if is_by_register(vote):
        people = people.exclude(pk__in=registered_electorate(vote).values("pk"))
    gone = _forget(list(people.values_list("pk", flat=True)))
    RegisteredVoter.objects.filter(vote_id=vote.id, is_secret=True).update(**HOMELESS)
    return gone


def forget_register(vote: Vote) -> int:
    """Deletes everybody in the extract of a vote, with their codes; how many."""
    return _forget(list(RegisteredVoter.objects.filter(vote=vote).values_list("pk", flat=True)))


def _forget(references: list[UUID]) -> int:
    with connection.cursor() as cursor:
        for statement in _FORGET:
            cursor.execute(statement, [references])
    return len(references)
