"""One at a time per round: numbers, verdicts, the making and the opening of the vote wait for each other."""

from django.db import connection
from django.db.models import BigIntegerField, Max
from django.db.models.functions import Cast

from ballots.locks import LockOutsideTransaction
from ballots.models import Vote
from budget.models import BudgetRoundPage, Plan, RoundVote


def lock_round(round_id: int) -> None:
    """Locks the round and its vote until the transaction ends.

    Order of locking: the vote's own lock where it is needed (`ballots.locks`), the round, the vote's row (which opening holds
    too), the plan. The weaker kind of row lock: whoever casts a ballot only needs the vote to stay there.
    """
    if not connection.in_atomic_block:
        raise LockOutsideTransaction(f"The lock of round {round_id} needs a transaction.")
    rounds = BudgetRoundPage.objects.select_for_update(of=("self",), no_key=True)
    list(rounds.filter(pk=round_id).values_list("pk"))
    votes = RoundVote.objects.filter(round=round_id).values("vote")
    list(Vote.objects.select_for_update(no_key=True).filter(pk__in=votes).values_list("pk"))


def next_reference(round_id: int) -> str:
    """The next number of a round; hold `lock_round`."""
    numbered = Plan.objects.filter(round_id=round_id, reference__regex=r"^[0-9]{1,15}$")
    highest = numbered.aggregate(highest=Max(Cast("reference", BigIntegerField())))["highest"]
    return str((highest or 0) + 1)
