"""The published result in short: read from the seal by `ballots.results`; the vote's own page has the whole explanation."""

from dataclasses import dataclass, replace

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.electorates.results import GroupResult, groups_result
from ballots.explaining.figures import listed
from ballots.frozen import FrozenVote
from ballots.models import Question, Seal, Vote
from ballots.results import QuestionResult, Result, ResultRow, result_of
from pages.charts import Bar, BarChart
from referendum.models import ReferendumPage
from referendum.standing import Standing

Form = Question.Form


@dataclass(frozen=True)
class Place:
    """An option with its place (equal numbers share one), what it received, and its share in percent of all that was given."""

    rank: int
    title: str
    received: int
    share: float
    won: bool


@dataclass(frozen=True)
class QuestionOutcome:
    """One question: its result, the options from most to least, and the number of ballots of the vote, blank ones included."""

    result: QuestionResult
    places: tuple[Place, ...]
    ballots: int

    @property
    def title(self) -> str:
        return self.result.question.title

    @property
    def is_ranking(self) -> bool:
        """Whether the order of all options is the answer, as with points over themes."""
        return self.result.question.form == Form.POINTS

    @property
    def has_winner(self) -> bool:
        return any(place.won for place in self.places)

    @property
    def reach_met(self) -> bool:
        """Whether the outcome counts as the council promised."""
        return self.result.reach.met

    def rows(self) -> list[tuple[Place, str]]:
        """Every option with what it received in words."""
        return [(place, self.received_in_words(place)) for place in self.places]

    def received_in_words(self, place: Place) -> str:
        """What an option received: votes, points or first choices."""
        words = {"n": number_format(place.received)}
        if self.result.question.form in (Form.SCORE, Form.POINTS):
            return ngettext("%(n)s point", "%(n)s points", place.received) % words
        if self.result.question.form == Form.RANKING:
            return ngettext("%(n)s first choice", "%(n)s first choices", place.received) % words
        return ngettext("%(n)s vote", "%(n)s votes", place.received) % words

    @property
    def summary(self) -> str:
        """Who won, whether a lot decided that, and whether it counts; what it means is for the council."""
        return " ".join([self._winners(), *self._by_lot(), *self._counts()])

    @property
    def winner_note(self) -> str:
        """The word beside a winner; without the minimum it has most, and wins nothing."""
        return _("won") if self.reach_met else _("most")

    def _winners(self) -> str:
        titles = [f"“{row.option.title}”" for row in self.result.rows if row.won]
        if not titles:
            return self._nothing()
        words = {"titles": listed(titles), "title": titles[0]}
        if not self.reach_met:
            return ngettext("%(title)s received the most.", "These received the most: %(titles)s.", len(titles)) % words
        return ngettext("%(title)s won.", "These won: %(titles)s.", len(titles)) % words

    def _nothing(self) -> str:
        if not self.ballots:
            return _("Nobody voted.")
        if self.result.blank == self.ballots:
            return _("Everybody voted blank.")
        return _("No option won.")

    def _by_lot(self) -> list[str]:
        """Only where another lot would have given another winner."""
        ties = [tie for tie in self.result.content["ties"] if tie["decisive"] and tie["by"] == "lot"]
        if not ties:
            return []
        titles = {option.reference: option.title for option in self.result.question.options}
        level = listed(f"“{titles[option]}”" for option in sorted(ties[0]["options"]))
        return [_("These were level: %(titles)s. A lot decided.") % {"titles": level}]

    def _counts(self) -> list[str]:
        """With several questions a minimum for the winner is said at each."""
        if self.result.is_alone or self.result.winner_reach is None:
            return []
        return [minimum_in_words(self.reach_met)]

    @property
    def key(self) -> str:
        """Of its picture on the page."""
        return f"uitslag-{self.result.question.number}"

    def note_of(self, place: Place) -> str:
        """What is said beside an option."""
        return self.winner_note if place.won else ""

    def chart(self) -> BarChart:
        """What every option received, as a picture."""
        bars = [
            Bar(
                label=place.title,
                value=place.received,
                text=self.received_in_words(place),
                kind="chosen" if place.won else "other",
                note=self.note_of(place),
            )
            for place in self.places
        ]
        return BarChart(
            key=self.key,
            title=self.title,
            description=_("Every bar shows what an option received."),
            bars=bars,
            label_heading=_("Option"),
            value_heading=str(self.result.votes_heading),
            note_heading=_("Outcome"),
        )


@dataclass(frozen=True)
class GroupOutcome(QuestionOutcome):
    """What one group of voters, such as a neighbourhood, gave to a question. Nothing is won in a group: the whole vote decides."""

    group: GroupResult

    @property
    def title(self) -> str:
        return self.group.title if self.result.is_alone else f"{self.group.title}: {self.result.question.title}"

    @property
    def summary(self) -> str:
        """Which themes stand first."""
        first = [f"“{place.title}”" for place in self.places if place.rank == 1 and place.received]
        return _("First: %(titles)s.") % {"titles": listed(first)} if first else _("Nobody voted.")

    @property
    def key(self) -> str:
        return f"buurt-{self.group.reference}-{self.result.question.number}"

    def note_of(self, place: Place) -> str:
        return _("place %(number)s") % {"number": place.rank}

    @property
    def turnout(self) -> str:
        """Who took part here, in a sentence."""
        words = {"n": number_format(self.group.ballots)}
        if self.group.percentage is None:
            return _("%(n)s people voted here, not counting paper.") % words
        words["percent"] = number_format(self.group.percentage, 0)
        return _("%(n)s people voted: %(percent)s percent of the list of voters here.") % words


@dataclass(frozen=True)
class Outcome:
    """The result of a referendum: `ballots` cast, `roll` people on the list (0 when it is not known).

    `groups` and `hidden` (names) are the neighbourhoods of a theme vote, when numbers about groups of voters were sealed; `about_paper`
    what paper means for them ("" without it).
    """

    questions: tuple[QuestionOutcome, ...]
    ballots: int
    roll: int
    digest: str
    groups: tuple[GroupOutcome, ...] = ()
    hidden: tuple[str, ...] = ()
    about_paper: str = ""

    @property
    def turnout(self) -> str:
        """Who took part, in a sentence."""
        words = {"n": number_format(self.ballots)}
        if not self.roll:
            return ngettext("%(n)s person voted.", "%(n)s people voted.", self.ballots) % words
        words["percent"] = number_format(self.ballots * 100 / self.roll, 1)
        return (
            ngettext(
                "%(n)s person voted: %(percent)s percent of the list of voters.",
                "%(n)s people voted: %(percent)s percent of the list of voters.",
                self.ballots,
            )
            % words
        )

    @property
    def in_short(self) -> str:
        """Everything in sentences, for who cannot see the picture."""
        parts = [f"{each.title} {each.summary}" for each in self.questions]
        return " ".join([self.turnout, *parts, self.threshold_in_words]).strip()

    @property
    def threshold_in_words(self) -> str:
        """Whether a minimum of the whole vote was reached; "" without one, and where each question says its own."""
        first = self.questions[0].result
        kind = first.reach.threshold.kind
        if kind == Vote.Threshold.NONE or (kind == Vote.Threshold.OUTCOME and not first.is_alone):
            return ""
        return minimum_in_words(first.reach.met)


def minimum_in_words(met: bool) -> str:
    """Whether the outcome counts."""
    if met:
        return _("The minimum was reached.")
    return _("The minimum was not reached, so the outcome does not count.")


def outcome_of(standing: Standing) -> Outcome | None:
    """The outcome; None until the result has been published, whoever asks."""
    vote, frozen = standing.vote, standing.frozen
    if vote is None or frozen is None or not standing.is_published:
        return None
    result = result_of(frozen, vote.seal)
    questions = tuple(QuestionOutcome(each, _places(each), vote.seal.ballots) for each in result.questions)
    digest = bytes(vote.seal.digest).hex()
    outcome = Outcome(questions, vote.seal.ballots, vote.seal.roll, digest)
    return (
        _with_groups(outcome, frozen, vote.seal, result)
        if standing.page.kind == ReferendumPage.Kind.THEMES
        else outcome
    )


def _with_groups(outcome: Outcome, vote: FrozenVote, seal: Seal, result: Result) -> Outcome:
    """The same with a ranking per group that is told of, and the names of the others."""
    found = groups_result(vote, seal)
    if found is None:
        return outcome
    groups = (
        GroupOutcome(each, _places_in(each, group), group.ballots, group)
        for group in found.shown
        for each in result.questions
    )
    return replace(outcome, groups=tuple(groups), hidden=found.hidden, about_paper=found.about_paper)


def _places_in(result: QuestionResult, group: GroupResult) -> tuple[Place, ...]:
    """The options from most to least in a group; equal numbers share a place, in the order of the ballot."""
    votes = group.votes[result.question.reference]
    total = sum(votes.values())
    ordered = sorted(result.question.options, key=lambda option: -votes[option.reference])
    return tuple(
        Place(
            rank=1 + sum(other > votes[option.reference] for other in votes.values()),
            title=option.title,
            received=votes[option.reference],
            share=votes[option.reference] * 100 / total if total else 0.0,
            won=False,
        )
        for option in ordered
    )


def _places(result: QuestionResult) -> tuple[Place, ...]:
    """From most to least; a ranking's own order is that of its count, because first choices do not decide there."""
    by_count = result.question.form == Form.RANKING
    ordered = list(result.rows) if by_count else sorted(result.rows, key=lambda row: -row.votes)
    total = sum(row.votes for row in ordered)
    ranks = [1 + (place if by_count else _above(row, ordered)) for place, row in enumerate(ordered)]
    return tuple(_place(row, rank, total) for row, rank in zip(ordered, ranks, strict=True))


def _above(row: ResultRow, rows: list[ResultRow]) -> int:
    """How many received more."""
    return sum(other.votes > row.votes for other in rows)


def _place(row: ResultRow, rank: int, total: int) -> Place:
    return Place(rank, row.option.title, row.votes, row.votes * 100 / total if total else 0.0, row.won)
