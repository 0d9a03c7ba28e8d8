"""The ballot as a form: every question with native controls, checked by the rules of `ballots.answers`."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots.answers import Form, in_order, problems, rank_problems
from ballots.ballot_controls import NumberSelect, Row
from ballots.ballot_words import Limit, how_to_choose, label_of, limit_of, used_line
from ballots.box import Answer
from ballots.frozen import FrozenOption, FrozenQuestion, FrozenVote
from ballots.option_order import in_order_of
from ballots.submission import BLANK
from pages.forms import PlainForm

NOT_ON_BALLOT = gettext_lazy("Your choices name something that is not on the ballot. Choose again.")
CHECKBOX = "utrecht-checkbox utrecht-checkbox--html-input pm-choice__input"
RADIO = "utrecht-radio-button utrecht-radio-button--html-input pm-choice__input"
SELECT = "utrecht-select utrecht-select--html-select pm-number-choice"
TEXTBOX = "utrecht-textbox utrecht-textbox--html-input pm-number-choice"
MOST_POINTS = 99_999
LONG = 12
"""With more options than this a question has a field to search in, and folds its photos."""


class BallotForm(PlainForm):
    """All questions of a vote. After `is_valid()`, `answers` are what can be cast. `seed` gives the order of the options.

    `searches`: by number of the question, the words somebody looks for among its options.
    """

    def __init__(
        self,
        vote: FrozenVote,
        data: QueryDict | None = None,
        *,
        seed: str = "",
        searches: Mapping[int, str] | None = None,
    ) -> None:
        super().__init__(data)
        self.vote, self.seed, self.searches = vote, seed, searches or {}
        self.parts = [_part_of(self, question) for question in vote.questions]
        for part in self.parts:
            self.fields.update(part.fields())

    def clean(self) -> dict[str, Any]:
        """One valid ballot: every question has a valid answer, or is left blank on purpose."""
        data: dict[str, Any] = super().clean() or {}
        if any(name not in self.fields for name in self.data):
            self.add_error(None, NOT_ON_BALLOT)
        for part in self.parts:
            if not part.take_own_errors():
                part.check()
        return data

    @property
    def adds_up(self) -> bool:
        """Whether there is a limit to add up to."""
        return any(limit_of(question) for question in self.vote.questions)

    @property
    def answers(self) -> dict[str, Answer | None]:
        """What was filled in, as the box keeps it; only of a valid form."""
        return in_order(self.vote, self.typed)

    @property
    def typed(self) -> dict[str, Answer]:
        """What was filled in, valid or not; what cannot be read is left out."""
        return {part.question.reference: part.typed() for part in self.parts}


class Part:
    """One question on the form. Subclasses have a control for each kind of answer."""

    layout = "choices"

    def __init__(self, form: BallotForm, question: FrozenQuestion) -> None:
        self.form, self.question = form, question
        self.options = in_order_of(question, form.seed)
        # What is wrong with the answer as a whole: shown above the options, linked to the first control.
        self.errors: list[str] = []

    def fields(self) -> dict[str, forms.Field]:
        """The fields of this question, by name."""
        raise NotImplementedError

    def typed(self) -> Answer:
        """The answer as filled in, valid or not."""
        raise NotImplementedError

    def rows(self) -> Iterator[Row]:
        """The options in the order in which the voter sees them."""
        raise NotImplementedError

    @cached_property
    def names(self) -> list[str]:
        return list(self.fields())

    def take_own_errors(self) -> bool:
        """Whether a control of this question holds what it cannot hold; with one control that stands at the question."""
        found = [str(error) for name in self.names for error in self.form.errors.get(name, ())]
        if self.layout == "choices":
            self.errors += found
        return bool(found)

    @property
    def id(self) -> str:
        return f"question-{self.question.number}"

    @property
    def how_to_choose(self) -> str:
        return how_to_choose(self.question)

    @property
    def used(self) -> str:
        """How much of the limit is used, as far as it is filled in."""
        answer = self.typed() if self.form.is_bound else None
        return used_line(self.question, answer) if answer else ""

    @property
    def limit(self) -> Limit | None:
        return limit_of(self.question)

    @property
    def is_long(self) -> bool:
        """Whether the options are so many that one looks for them."""
        return len(self.options) > LONG

    @property
    def search(self) -> str:
        """What somebody looks for among the options."""
        return self.form.searches.get(self.question.number, "") if self.is_long else ""

    @cached_property
    def shown(self) -> list[FrozenOption]:
        """The options in the order of the voter. While somebody searches: what is found, and what is filled in already."""
        filled_in = self.typed() if self.search and self.form.is_bound else ()
        words = self.search.casefold().split()
        return [
            option
            for option in self.options
            if option.reference in filled_in or all(word in _text_of(option) for word in words)
        ]

    @property
    def blank(self) -> forms.BoundField | None:
        """The box to tick for blank, where there is one."""
        name = f"blank-{self.question.number}"
        return self.form[name] if name in self.form.fields else None

    @property
    def is_ticked_blank(self) -> bool:
        return self.blank is not None and bool(self.form.cleaned_data.get(self.blank.name))

    def check(self) -> None:
        """Adds what is wrong to the field where it can be mended."""
        answer = self.typed()
        if any(len(self.form.data.getlist(name)) > 1 for name in self.names if not self._takes_many(name)):  # type: ignore[attr-defined]
            self.refuse(NOT_ON_BALLOT)
        elif self.is_ticked_blank and answer:
            self.form.add_error(f"blank-{self.question.number}", _both_at_once())
        elif not answer and not self.is_left_blank():
            self.refuse(self.nothing_chosen())
        else:
            self.check_answer(answer)

    def refuse(self, text: Any, option: FrozenOption | None = None) -> None:
        """Adds an error: at the option, or at the question as a whole."""
        self.form.add_error(self.name_of(option), text)
        if option is None or self.layout == "choices":
            self.errors.append(str(text))

    def check_answer(self, answer: Answer) -> None:
        for problem in problems(self.question, answer):
            self.refuse(problem.text, problem.option)

    def name_of(self, option: FrozenOption | None) -> str:
        """The field where an option can be mended; the first for the answer as a whole."""
        return self.names[0]

    def is_left_blank(self) -> bool:
        return self.is_ticked_blank

    def nothing_chosen(self) -> str:
        return _("Choose something first, or tick that you vote blank.")

    def _takes_many(self, name: str) -> bool:
        return isinstance(self.form.fields[name], forms.MultipleChoiceField)

    def _blank_box(self) -> dict[str, forms.Field]:
        label = gettext_lazy("I vote blank: I choose none of these")
        return {f"blank-{self.question.number}": forms.BooleanField(required=False, label=label)}


def _text_of(option: FrozenOption) -> str:
    """Where a search looks."""
    return f"{option.title} {option.text}".casefold()


def _both_at_once() -> str:
    return _("You chose something and ticked blank as well. Take one of them away.")


# --- Lists of options -------------------------------------------------------------------------------------


class BoxesPart(Part):
    """A box to tick for each option: approval and knapsack."""

    css = CHECKBOX

    @property
    def name(self) -> str:
        return f"choice-{self.question.number}"

    def fields(self) -> dict[str, forms.Field]:
        field = forms.MultipleChoiceField(
            required=False,
            label=self.question.title,
            choices=[(option.number, label_of(option)) for option in self.options],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": NOT_ON_BALLOT},
        )
        return {self.name: field, **self._blank_box()}

    def typed(self) -> Answer:
        numbers = [str(number) for number in self.form[self.name].value() or ()]
        known = {str(option.number): option.reference for option in self.question.options}
        return [known[number] for number in numbers if number in known]

    def rows(self) -> Iterator[Row]:
        shown = {str(option.number): option for option in self.shown}
        for sub in self.form[self.name].subwidgets:
            option, value = shown.get(str(sub.data["value"])), sub.data["value"]
            if option is None and value != BLANK:
                continue
            sub.data["attrs"]["class"] = self.css
            if self.form[self.name].errors:
                sub.data["attrs"]["aria-invalid"] = "true"
            yield Row(option, sub.tag(), sub.id_for_label, sub.choice_label, weight=self._weight(option))

    def _weight(self, option: FrozenOption | None) -> int | None:
        if option is None:
            return None
        return (option.cost or 0) if self.question.form == Form.KNAPSACK else 1


class RadioPart(BoxesPart):
    """Radio buttons, blank among them: yes or no, one of several."""

    css = RADIO

    def fields(self) -> dict[str, forms.Field]:
        blank = (BLANK, gettext_lazy("Blank: I do not choose"))
        field = forms.ChoiceField(
            required=False,
            label=self.question.title,
            choices=[*((option.number, label_of(option)) for option in self.options), blank],
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": NOT_ON_BALLOT},
        )
        return {self.name: field}

    def typed(self) -> Answer:
        number = str(self.form[self.name].value() or "")
        return [option.reference for option in self.question.options if str(option.number) == number]

    def is_left_blank(self) -> bool:
        return self.form[self.name].value() == BLANK

    def nothing_chosen(self) -> str:
        return _("Choose an answer first. Blank is an answer too.")


# --- A number per option ----------------------------------------------------------------------------------


class NumbersPart(Part):
    """A control for each option: a place, a score, points."""

    layout = "numbers"
    prefix = ""
    css = SELECT

    def field_of(self, option: FrozenOption) -> forms.Field:
        """The control of one option."""
        raise NotImplementedError

    def fields(self) -> dict[str, forms.Field]:
        controls = {f"{self.prefix}-{option.number}": self.field_of(option) for option in self.options}
        return {**controls, **self._blank_box()}

    def numbers(self) -> list[tuple[FrozenOption, int]]:
        """Option and number, of what was filled in with a whole number."""
        found = [(option, str(self.form[self.name_of(option)].value() or "")) for option in self.question.options]
        return [(option, int(text)) for option, text in found if text.isascii() and text.isdigit()]

    def typed(self) -> Answer:
        return {option.reference: number for option, number in self.numbers() if number}

    def rows(self) -> Iterator[Row]:
        for option in self.shown:
            bound = self.form[self.name_of(option)]
            own = tuple(str(error) for error in bound.errors if str(error) not in self.errors)
            described = {"aria-describedby": f"{bound.auto_id}_error"} if own else {}
            control = bound.as_widget(attrs={"class": self.css, **described})
            yield Row(option, control, bound.id_for_label or "", label_of(option), own)

    def name_of(self, option: FrozenOption | None) -> str:
        return f"{self.prefix}-{option.number}" if option else self.names[0]


class RankingPart(NumbersPart):
    """A place for each option; `typed` puts them in order."""

    prefix = "rank"

    def field_of(self, option: FrozenOption) -> forms.Field:
        places = [(number, str(number)) for number in range(1, len(self.question.options) + 1)]
        return _selection(option, [("", _("No place")), *places])

    def typed(self) -> Answer:
        ranked = sorted(self.numbers(), key=lambda pair: (pair[1], pair[0].number))
        return [option.reference for option, _place in ranked]

    def check_answer(self, answer: Answer) -> None:
        found = rank_problems(self.numbers())
        for problem in found or problems(self.question, answer):
            self.refuse(problem.text, problem.option)

    def nothing_chosen(self) -> str:
        return _("Give at least one option a place, or tick that you vote blank.")


class ScorePart(NumbersPart):
    """A score for each option."""

    prefix = "score"

    def field_of(self, option: FrozenOption) -> forms.Field:
        lowest, highest = self.question.lowest or 0, self.question.highest or 0
        scores = [(number, str(number)) for number in range(lowest, highest + 1)]
        return _selection(option, [("", _("No score")), *scores])

    def nothing_chosen(self) -> str:
        return _("Give at least one option a score, or tick that you vote blank.")


class PointsPart(NumbersPart):
    """Points to divide."""

    prefix = "points"
    css = TEXTBOX

    def field_of(self, option: FrozenOption) -> forms.Field:
        words = _("Fill in a whole number at “%(option)s”.") % {"option": option.title}
        return forms.IntegerField(
            required=False,
            label=label_of(option),
            min_value=0,
            max_value=MOST_POINTS,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 5}),
            error_messages={"invalid": words, "min_value": words, "max_value": words},
        )

    def nothing_chosen(self) -> str:
        return _("Give at least one option a point, or tick that you vote blank.")


def _selection(option: FrozenOption, choices: list[tuple[Any, str]]) -> forms.Field:
    return forms.ChoiceField(
        required=False,
        label=label_of(option),
        choices=choices,
        widget=NumberSelect,
        error_messages={"invalid_choice": NOT_ON_BALLOT},
    )


_PARTS: dict[Form, type[Part]] = {
    Form.YES_NO: RadioPart,
    Form.CHOICE: RadioPart,
    Form.APPROVAL: BoxesPart,
    Form.KNAPSACK: BoxesPart,
    Form.RANKING: RankingPart,
    Form.SCORE: ScorePart,
    Form.POINTS: PointsPart,
}


def _part_of(form: BallotForm, question: FrozenQuestion) -> Part:
    return _PARTS[Form(question.form)](form, question)
