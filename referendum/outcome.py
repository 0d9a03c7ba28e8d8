"""The published result in short: read from the seal by `ballots.results`; the vote's own page has the whole explanation."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.models import Question
from ballots.results import QuestionResult, ResultRow, result_of
from pages.charts import Bar, BarChart
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
    """One question: its result, and the options from most to least."""

    result: QuestionResult
    places: tuple[Place, ...]

    @property
    def title(self) -> str:
        return self.result.question.title

    @property
    def is_ranking(self) -> bool:
        """Whether the order of all options is the answer, as with points over themes."""
        return self.result.question.form == Form.POINTS

    @property
    def reach_met(self) -> bool:
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
        """The winners in a sentence; what they mean is for the council."""
        winners = [row.option.title for row in self.result.rows if row.won]
        if not winners:
            return _("No option won.")
        if len(winners) == 1:
            return _("“%(title)s” won.") % {"title": winners[0]}
        titles = ", ".join(f"“{title}”" for title in winners)
        return _("These won: %(titles)s.") % {"titles": titles}

    def chart(self) -> BarChart:
        """What every option received, as a picture."""
        bars = [
            Bar(
                label=place.title,
                value=place.received,
                text=self.received_in_words(place),
                kind="chosen" if place.won else "other",
                note=_("won") if place.won else "",
            )
            for place in self.places
        ]
        return BarChart(
            key=f"uitslag-{self.result.question.number}",
            title=self.title,
            description=self.summary,
            bars=bars,
            label_heading=_("Option"),
            value_heading=str(self.result.votes_heading),
            note_heading=_("Outcome"),
        )


@dataclass(frozen=True)
class Outcome:
    """The result of a referendum: `ballots` cast, `roll` people on the list (0 when it is not known)."""

    questions: tuple[QuestionOutcome, ...]
    ballots: int
    roll: int
    digest: str

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
    def threshold_in_words(self) -> str:
        """Whether a minimum was reached; "" without one."""
        reaches = [each.result.reach for each in self.questions]
        if not reaches or reaches[0].threshold.kind == "none":
            return ""
        if all(reach.met for reach in reaches):
            return _("The minimum was reached.")
        return _("The minimum was not reached, so the outcome does not count.")


def outcome_of(standing: Standing) -> Outcome | None:
    """The outcome; None until the result has been published, whoever asks."""
    vote, frozen = standing.vote, standing.frozen
    if vote is None or frozen is None or not standing.is_published:
        return None
    result = result_of(frozen, vote.seal)
    questions = tuple(QuestionOutcome(each, _places(each)) for each in result.questions)
    return Outcome(questions, vote.seal.ballots, vote.seal.roll, bytes(vote.seal.digest).hex())


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
