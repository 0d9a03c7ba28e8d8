"""What voters fill in: choices and codes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots.codes import read_code
from ballots.frozen import FrozenOption, FrozenVote
from ballots.models import Vote
from ballots.rule_words import how_to_choose
from ballots.rules import is_valid_ballot
from pages.forms import PlainForm
from pages.templatetags.components import euro

# An option number no vote has: what could not be read is refused like any other foreign option.
UNREADABLE = -1
LONGEST_NUMBER = 5


@dataclass(frozen=True)
class Submission:
    """What one of the voting pages sent: option numbers, or blank; the code and the version it replaces, where there are."""

    numbers: tuple[int, ...] = ()
    blank: bool = False
    code: str = ""
    replaces: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.numbers and not self.blank


def read_submission(data: QueryDict) -> Submission:
    """Never fails: what cannot be read becomes a choice that will be refused, or no code."""
    numbers = tuple(_number(text) for text in data.getlist("choice"))
    replaces = _number(data.get("replaces", "0"))
    return Submission(numbers, data.get("blank") == "on", read_code(data.get("code", "")) or "", max(0, replaces))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else UNREADABLE


class ChoiceForm(PlainForm):
    """The options as checkboxes, each with its price in the label; blank is a choice of its own."""

    choice = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": gettext_lazy("Your choices name something that is not on the ballot. Choose again."),
        },
    )
    blank = forms.BooleanField(required=False, label=gettext_lazy("I vote blank: I choose none of these"))

    def __init__(self, vote: FrozenVote, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.vote = vote
        choice = self.fields["choice"]
        assert isinstance(choice, forms.MultipleChoiceField)
        choice.choices = [(option.number, label_of(option)) for option in vote.options]
        choice.label = self["choice"].label = vote.question or vote.title

    def clean(self) -> dict[str, Any]:
        """One valid ballot: some options within the limit, or blank."""
        data: dict[str, Any] = super().clean() or {}
        numbers = [int(number) for number in data.get("choice", [])]
        if "choice" in self.errors:
            return data
        if data.get("blank") and numbers:
            self.add_error("blank", _("You chose something and ticked blank as well. Take one of them away."))
        elif not data.get("blank") and not numbers:
            self.add_error("choice", _("Choose something first, or tick that you vote blank."))
        elif not (verdict := is_valid_ballot(self.vote, numbers)):
            self.add_error("choice", verdict.reason)
        return data

    @property
    def how_to_choose(self) -> str:
        return how_to_choose(self.vote)

    def rows(self) -> Iterator[tuple[FrozenOption, Any]]:
        """Each option with its checkbox."""
        attrs = {"class": "utrecht-checkbox utrecht-checkbox--html-input pm-choice__input"}
        if "choice" in self.errors:
            attrs["aria-invalid"] = "true"
        for option, box in zip(self.vote.options, self["choice"].subwidgets, strict=True):
            box.data["attrs"].update(attrs)
            yield option, box

    def chosen(self) -> list[FrozenOption]:
        """What is ticked now, valid or not; unknown options are left out."""
        numbers = {str(number) for number in self["choice"].value() or ()}
        return [option for option in self.vote.options if str(option.number) in numbers]


def label_of(option: FrozenOption) -> str:
    """An option as its label says it, price included."""
    return option.title if option.cost is None else f"{option.title}, {euro(option.cost)}"


def sum_line(vote: FrozenVote, chosen: Sequence[FrozenOption]) -> str:
    """How much of the limit is used."""
    if vote.form == Vote.Form.APPROVAL:
        left = (vote.max_options or 0) - len(chosen)
        words = {"number": len(chosen), "left": max(0, left)}
        return _("You have chosen %(number)s. You can choose %(left)s more.") % words
    total = sum(option.cost or 0 for option in chosen)
    left = max(0, (vote.max_sum or 0) - total)
    return _("Your choices cost %(total)s. You can spend %(left)s more.") % {"total": euro(total), "left": euro(left)}


class CodeForm(PlainForm):
    """A voting receipt code, however it was typed."""

    code = forms.CharField(
        label=gettext_lazy("Your voting receipt code"),
        help_text=gettext_lazy("It has 24 letters and figures, in groups of four. Capitals and dashes do not matter."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": gettext_lazy("Fill in your voting receipt code.")},
    )

    def clean_code(self) -> str:
        code = read_code(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(_("This is no voting receipt code. Check that you typed all 24 characters."))
        return code
