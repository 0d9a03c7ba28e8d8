"""Forms of staff who work with paper."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots.ballot_words import answer_in_words, label_of
from ballots.box import Answer
from ballots.frozen import FrozenQuestion, FrozenVote
from ballots.paper.finding import find_voter
from ballots.paper.models import PaperBatch, PaperEntry, Reconciliation
from ballots.paper.reading import (
    LONGEST,
    Line,
    NotReadable,
    as_typed,
    different_lines,
    manners_of,
    possible_answers,
    read_answer,
)
from ballots.roll import is_by_register


class VoterForm(forms.Form):
    """Whose envelope this is, or who stands at the counter. After `is_valid()`, `voter` is who was found."""

    who = forms.CharField(
        label=gettext_lazy("E-mail address of the account"),
        max_length=254,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, vote: FrozenVote, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.vote = vote
        if is_by_register(vote):
            self.fields["who"].label = _("Code of the voting card, or number in the register")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.voter = find_voter(self.vote, data.get("who", ""))
        if self.voter is None and "who" not in self.errors:
            self.add_error("who", _("We do not find this. Check what you typed."))
        return data


class BatchForm(forms.Form):
    """A new pile."""

    size = forms.IntegerField(label=gettext_lazy("How many ballots are in the pile?"), min_value=1, max_value=10_000)

    def __init__(self, vote: FrozenVote, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"manner": PaperBatch.Manner.ROWS})
        manners = manners_of(vote.questions)
        self.fields["manner"] = forms.ChoiceField(
            label=gettext_lazy("How do you enter it?"),
            choices=[(manner.value, manner.label) for manner in manners],
            widget=forms.RadioSelect if len(manners) > 1 else forms.HiddenInput,
        )


class ReconciliationForm(forms.ModelForm):
    """What lies on the table, counted by hand."""

    class Meta:
        model = Reconciliation
        fields = ["opened", "shut", "reason"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "opened": gettext_lazy("Count them by hand."),
            "shut": gettext_lazy("Refused: this person had voted already, or was not on the list."),
            "reason": gettext_lazy("Only when numbers differ. Everybody can read this."),
        }


# --- Entering a batch ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EntryRow:
    """A line of the form: its place (from 0), what it is about, its controls."""

    place: int
    heading: str
    cells: tuple[forms.BoundField, ...]


class EntryForm(forms.Form):
    """What one person reads in a pile, all of it or some lines. After `is_valid()`, `lines` are those, by place."""

    def __init__(
        self, vote: FrozenVote, batch: PaperBatch, data: QueryDict | None = None, *, places: Sequence[int] | None = None
    ) -> None:
        super().__init__(data)
        self.questions, self.batch = vote.questions, batch
        self.places = range(number_of_lines(vote, batch)) if places is None else places
        self.lines: dict[int, Line] = {}
        for place in self.places:
            self.fields.update(self._fields_of(place))

    @property
    def is_tally(self) -> bool:
        return self.batch.manner == PaperBatch.Manner.TALLY

    def _fields_of(self, place: int) -> dict[str, forms.Field]:
        if self.is_tally:
            return {
                f"line-{place}": forms.IntegerField(label=self.heading(place), min_value=0, max_value=self.batch.size)
            }
        # Required by hand: the browser's own message would stop at one of a hundred.
        return {f"line-{place}-{question.number}": self._typed(place, question) for question in self.questions}

    def _typed(self, place: int, question: FrozenQuestion) -> forms.Field:
        label = _("Ballot %(number)s, %(question)s") % {"number": place + 1, "question": question.title}
        attrs = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
        return forms.CharField(label=label, required=False, max_length=LONGEST, widget=forms.TextInput(attrs=attrs))

    def heading(self, place: int) -> str:
        """What a line is about: the number of a ballot, or an answer."""
        if not self.is_tally:
            return _("Ballot %(number)s") % {"number": place + 1}
        return answer_text(self.questions[0], possible_answers(self.questions[0])[place])

    @property
    def rows(self) -> Iterator[EntryRow]:
        for place in self.places:
            names = (name for name in self.fields if name.split("-")[1] == str(place))
            yield EntryRow(place, self.heading(place), tuple(self[name] for name in names))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for place in self.places:
            self._read(place, data)
        return data

    def _read(self, place: int, data: dict[str, Any]) -> None:
        if self.is_tally:
            answers: dict[str, Answer | None] = {
                self.questions[0].reference: possible_answers(self.questions[0])[place]
            }
            self.lines[place] = [answers, data.get(f"line-{place}", 0)]
            return
        answers = {}
        for question in self.questions:
            name = f"line-{place}-{question.number}"
            try:
                answers[question.reference] = read_answer(question, data.get(name, ""))
            except NotReadable as problem:
                self.add_error(name, str(problem))
        self.lines[place] = [answers, 1]

    @property
    def in_order(self) -> list[Line]:
        return [self.lines[place] for place in self.places]


def number_of_lines(vote: FrozenVote, batch: PaperBatch) -> int:
    """How many lines the form of this pile has."""
    return len(possible_answers(vote.questions[0])) if batch.manner == PaperBatch.Manner.TALLY else batch.size


# --- Comparing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A line that two persons entered differently: what each has, question by question where those differ."""

    place: int
    heading: str
    texts: tuple[tuple[str, str, str], ...]
    """(question, the first person's, the second's)"""
    cells: tuple[forms.BoundField, ...] = ()


def differences(vote: FrozenVote, entries: Sequence[PaperEntry], form: EntryForm | None) -> list[Difference]:
    """The differing lines of two entries, with the controls of `form` for who may correct."""
    one, other = entries
    batch = one.batch
    headings = EntryForm(vote, batch, places=[])
    rows = {row.place: row.cells for row in form.rows} if form else {}
    return [
        Difference(place, headings.heading(place), tuple(_texts(vote, one, other, place)), rows.get(place, ()))
        for place in different_lines(one.lines, other.lines)
    ]


def _texts(vote: FrozenVote, one: PaperEntry, other: PaperEntry, place: int) -> Iterator[tuple[str, str, str]]:
    (answers, number), (answers_2, number_2) = one.lines[place], other.lines[place]
    for question in vote.questions:
        mine, theirs = answers.get(question.reference), answers_2.get(question.reference)
        if mine != theirs:
            yield question.title, as_text(question, mine), as_text(question, theirs)
    if number != number_2:
        yield "", str(number), str(number_2)


def as_text(question: FrozenQuestion, answer: Answer | None) -> str:
    """What was typed and what it means."""
    return f"{as_typed(question, answer)}: {answer_text(question, answer)}"


def answer_text(question: FrozenQuestion, answer: Answer | None) -> str:
    """An answer in one line."""
    if answer is None:
        return _("invalid")
    words = answer_in_words(question, answer)
    return "; ".join(f"{line.label} ({line.mark})" if line.mark else line.label for line in words.lines) or _("blank")


def first_choices(questions: Iterable[FrozenQuestion]) -> list[tuple[FrozenQuestion, list[tuple[int, str]]]]:
    """The numbers that stand for the options, question by question: the key beside the form."""
    return [
        (question, [(place, label_of(option)) for place, option in enumerate(question.options, start=1)])
        for question in questions
    ]
