"""The course of a count that transfers votes: who is still in, how many votes each has, and what happened at every stage."""

from __future__ import annotations

from collections.abc import Sequence

from ballots.counting.choice import ChoiceResult, Standing, printed
from ballots.counting.ranked.ballots import RankedInstance
from ballots.counting.ranked.piles import Piles, Stage, shown
from ballots.counting.settings import TransferSettings
from ballots.counting.ties import Tie, TieBreaker


class Course:
    """Runs the stages and keeps their record; the rules `runoff.py` and `scottish.py` decide what comes next."""

    def __init__(self, instance: RankedInstance, settings: TransferSettings, breaker: TieBreaker, *, unit: int) -> None:
        self.instance, self.settings, self.breaker = instance, settings, breaker
        self.piles = Piles(instance, settings, unit=unit)
        self.unit = unit
        first = self.piles.first_preferences()
        self.votes, self.exhausted, self.lost = first[:-1], first[-1], 0
        self.continuing = list(range(len(instance.options)))
        self.elected: dict[int, int] = {}
        self.excluded: dict[int, int] = {}
        self.reasons: dict[int, str] = {}
        self.behind: dict[int, int] = {}
        self.history: list[list[int]] = []
        self.stages: list[Stage] = []
        self.ties: list[Tie] = []
        # The votes with which each option was elected or excluded; later transfers take them away.
        self.last_votes: dict[int, int] = {}

    @property
    def number(self) -> int:
        """The number of the stage that is going on, from 1."""
        return len(self.stages) + 1

    @property
    def ids(self) -> list[str]:
        """The option ids by place."""
        return [option.id for option in self.instance.options]

    def elect(self, place: int, reason: str) -> None:
        """The option wins at this stage."""
        self.elected[place] = self.number
        self._leave(place, reason)

    def exclude_lowest(self) -> int:
        """The option with the fewest votes is out at this stage; its place."""
        ordered = self.in_order()
        place = ordered[-1]
        level = [each for each in self.continuing if self.votes[each] == self.votes[place]]
        if len(level) > 1:
            self._note_tie(level, "exclusion", last=True, decisive=True if len(self.continuing) == 2 else None)
        others = [self.votes[each] for each in self.continuing if each != place]
        self.behind[place] = min(others) - self.votes[place]
        self.excluded[place] = self.number
        self._leave(place, "excluded")
        return place

    def in_order(self, places: Sequence[int] | None = None) -> list[int]:
        """The continuing options (or `places`) from most votes to fewest, level ones in the order of the tie rule."""
        among = self.continuing if places is None else places
        lowered = self.breaker.order(list(among), history=self.history)
        return sorted(lowered, key=lambda place: -self.votes[place])

    def note_surplus_tie(self, level: Sequence[int]) -> None:
        """Equal surpluses were put in order by the tie rule."""
        self._note_tie(level, "surplus", last=False, decisive=None)

    def _note_tie(self, level: Sequence[int], stage: str, *, last: bool, decisive: bool | None) -> None:
        self.ties.append(
            self.breaker.tie(level, number=self.number, stage=stage, decisive=decisive, history=self.history, last=last)
        )

    def _leave(self, place: int, reason: str) -> None:
        self.reasons[place], self.last_votes[place] = reason, self.votes[place]
        self.continuing.remove(place)
        self.piles.close(place)

    def hand_on(self, place: int, received: Sequence[int], *, kept: int) -> None:
        """Credit what was received; the option keeps `kept`, and what is missing was lost in rounding."""
        self.lost += self.votes[place] - kept - sum(received)
        self.votes[place] = kept
        self.votes = [votes + more for votes, more in zip(self.votes, received[:-1], strict=True)]
        self.exhausted += received[-1]

    def record(self, kind: str, *, place: int | None = None, received: Sequence[int] = ()) -> None:
        """End the stage: write down what it did and where everybody stands."""
        ids, number = self.ids, self.number
        self.stages.append(
            Stage(
                number=number,
                kind=kind,
                unit=self.unit,
                option=None if place is None else ids[place],
                votes={
                    ids[each]: votes
                    for each, votes in enumerate(self.votes)
                    if self.excluded.get(each, number) == number
                },
                exhausted=self.exhausted,
                lost=self.lost,
                transfers={[*ids, None][to]: votes for to, votes in enumerate(received) if votes},
                elected=tuple(ids[each] for each, stage in self.elected.items() if stage == number),
                excluded=tuple(ids[each] for each, stage in self.excluded.items() if stage == number),
            )
        )
        self.history.append(list(self.votes))

    # --- The result -----------------------------------------------------------------------------------

    def result(self, rule: str, details: dict[str, int | None]) -> ChoiceResult:
        """Everything as it goes into the result."""
        return ChoiceResult(
            rule=rule,
            settings=printed(self.settings, self.breaker),
            voters=self.instance.voters,
            winners=tuple(self.ids[place] for place in self.elected),
            ties=tuple(self.ties),
            seats=self.settings.seats,
            rounds=tuple(self.stages),
            standings=tuple(self._standing(place) for place in range(len(self.instance.options))),
            details=details,
        )

    def _standing(self, place: int) -> Standing:
        behind = self.behind.get(place)
        return Standing(
            option=self.instance.options[place].id,
            votes=self.history[0][place] // self.unit,
            won=place in self.elected,
            reason=self._reason(place),
            round=self.elected.get(place, self.excluded.get(place)),
            last_votes=shown(self.last_votes.get(place, self.votes[place]), self.unit),
            behind=None if behind is None else shown(behind, self.unit),
        )

    def _reason(self, place: int) -> str:
        if not self.instance.supporters[place]:
            return "no_votes"
        return self.reasons.get(place, "seats_full")
