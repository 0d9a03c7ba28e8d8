"""The Method of Equal Shares as a rule: count, complete, and say why."""

from __future__ import annotations

import math

from ballots.counting.greedy import ByVotes, Step, eligible, rank, rounds_of, ties_met, walk
from ballots.counting.instance import Instance
from ballots.counting.result import BudgetResult, Explanation, Round, SharesCourse
from ballots.counting.settings import SharesSettings
from ballots.counting.shares.electorate import Electorate, make_electorate
from ballots.counting.shares.increments import Growth, Progress, grow
from ballots.counting.ties import Tie, TieBreaker


def count_shares(instance: Instance, settings: SharesSettings, breaker: TieBreaker, progress: Progress) -> BudgetResult:
    """Count by the Method of Equal Shares."""
    electorate = make_electorate(
        instance, eligible(instance, settings), utility=settings.utility, exclusive=settings.exclusive
    )
    growth = grow(instance, electorate, settings, breaker.order, progress)
    return _Report(instance, settings, breaker, electorate, growth).result()


class _Report:
    def __init__(
        self, instance: Instance, settings: SharesSettings, breaker: TieBreaker, electorate: Electorate, growth: Growth
    ) -> None:
        self.instance, self.settings, self.breaker, self.electorate, self.growth = (
            instance,
            settings,
            breaker,
            electorate,
            growth,
        )
        self.rounds = self._bought()
        self.completion_steps: dict[int, Step] = {}
        self.completion_ties: list[Tie] = []
        if settings.completion == "greedy":
            self._complete()
        self.round = {instance.position[each.option]: each for each in self.rounds}
        self.excluded_by = {
            mate: place
            for place in reversed(self.round)
            for mate in electorate.mates.get(place, ())
            if mate in electorate.candidates
        }

    def result(self) -> BudgetResult:
        return BudgetResult(
            rule="equal-shares",
            settings=self.settings.to_dict() | {"seed": self.breaker.seed, "seed_source": self.breaker.seed_source},
            budget=self.instance.money,
            voters=self.instance.voters,
            winners=tuple(each.option for each in self.rounds),
            rounds=tuple(self.rounds),
            explanations=tuple(self._explain(place) for place in range(len(self.instance.options))),
            ties=(*self._ties_bought(), *self.completion_ties),
            shares=self._course(),
        )

    def _bought(self) -> list[Round]:
        rounds: list[Round] = []
        remaining = self.instance.money
        for number, purchase in enumerate(self.growth.outcome.purchases, 1):
            option = self.instance.options[purchase.place]
            remaining -= option.cost
            shares = (purchase.rho, purchase.price, purchase.payers_in_full, purchase.payers_with_less)
            rounds.append(
                Round(number, "shares", option.id, option.cost, self.instance.votes[purchase.place], remaining, *shares)
            )
        return rounds

    def _complete(self) -> None:
        bought, mates = self.growth.outcome.places, self.electorate.mates
        left = self.electorate.can_still_win(bought)
        levels = rank(self.instance, left, measure=ByVotes(), breaker=self.breaker)
        room = self.instance.money - sum(each.cost for each in self.rounds)
        steps = walk(self.instance, [place for level in levels for place in level], room=room, mates=mates)
        first = len(self.rounds) + 1
        self.rounds += rounds_of(self.instance, steps, stage="completion", first=first)
        self.completion_steps = {step.place: step for step in steps}
        self.completion_ties = ties_met(
            self.instance, levels, steps, stage="completion", first=first, breaker=self.breaker, mates=mates
        )

    def _ties_bought(self) -> list[Tie]:
        return [
            self.breaker.tie(purchase.level, number=number, stage="shares", decisive=None)
            for number, purchase in enumerate(self.growth.outcome.purchases, 1)
            if len(purchase.level) > 1
        ]

    def _course(self) -> SharesCourse:
        growth, options = self.growth, self.instance.options
        return SharesCourse(
            first_share=growth.first_share,
            last_share=growth.outcome.share,
            increments=growth.increments,
            ended=growth.ended,
            refused=tuple(options[place].id for place in growth.refused),
            refused_cost=sum(options[place].cost for place in growth.refused) if growth.refused else None,
            other_ties=growth.other_ties,
        )

    def _explain(self, place: int) -> Explanation:
        option, bought, step = self.instance.options[place], self.round.get(place), self.completion_steps.get(place)
        candidate = self.electorate.candidates.get(place)
        excluded_by = self.excluded_by.get(place)
        lost = candidate is not None and excluded_by is None and (bought is None or bought.stage == "completion")
        money_left = self.growth.outcome.purses.exact_total(candidate) if candidate and lost else None
        return Explanation(
            option=option.id,
            cost=option.cost,
            votes=self.instance.votes[place],
            supporters=self.instance.supporters[place],
            won=bought is not None,
            reason=self._reason(place),
            round=bought.number if bought else None,
            remaining=step.room if step else None,
            votes_short=self._votes_short(place),
            cheaper_by=self._cheaper_by(place),
            money_left=money_left,
            money_short=None if money_left is None else option.cost - money_left,
            excluded_by=None if excluded_by is None else self.instance.options[excluded_by].id,
        )

    def _reason(self, place: int) -> str:
        if place in self.round:
            return "elected" if self.round[place].stage == "shares" else "elected_in_completion"
        if place not in self.electorate.candidates:
            return "below_minimum" if self.instance.votes[place] else "no_votes"
        if place in self.excluded_by:
            return "excluded_by"
        if self.instance.options[place].cost > self.instance.money:
            return "exceeds_budget"
        return "did_not_fit" if place in self.completion_steps else "supporters_could_not_pay"

    def _votes_short(self, place: int) -> int | None:
        """How far below the minimum; what more votes would do beyond that depends on who would cast them."""
        if place in self.electorate.candidates:
            return None
        return max(1, self.settings.min_votes) - self.instance.votes[place]

    def _cheaper_by(self, place: int) -> int | None:
        """A lower price that would have elected it for sure.

        In a single count: what its supporters have left at the end always suffices. In the completion: what was left at its turn.
        With growing shares nothing is sure, because one more winner may end the growth sooner.
        """
        if place in self.round or place in self.excluded_by or place not in self.electorate.candidates:
            return None
        if self.growth.ended != "once":
            return None
        cost, step = self.instance.options[place].cost, self.completion_steps.get(place)
        if step is not None:
            return cost - step.room
        return math.ceil(cost - self.growth.outcome.purses.exact_total(self.electorate.candidates[place]))
