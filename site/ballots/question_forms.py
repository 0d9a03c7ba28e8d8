"""Forms of staff for one question of a draft: only the settings that belong to its form of ballot and the rules that can count it."""

from collections.abc import Iterator
from dataclasses import fields
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots.combinations import needs_money, rules_for
from ballots.counting import RULES, SettingsError, parse_settings
from ballots.drafting import forget_photos, free_reference, renumber
from ballots.models import Option, Question, Vote
from ballots.rule_words import RULE_NAMES
from ballots.staff_forms import EurosField
from pages.uploads import PhotoField, forget_photo, store_photo

Form = Question.Form

OPTION_ROWS = 5
# Rows that are being written stand behind all others until they are numbered.
BEHIND = 15_000

_OPTIONS = ("option_order", "argument_length")
LIMITS: dict[Form, tuple[str, ...]] = {
    Form.YES_NO: (),
    Form.CHOICE: _OPTIONS,
    Form.APPROVAL: ("max_options", *_OPTIONS),
    Form.RANKING: ("complete", *_OPTIONS),
    Form.SCORE: ("lowest", "highest", *_OPTIONS),
    Form.POINTS: ("points", "complete", *_OPTIONS),
    Form.KNAPSACK: ("max_sum", *_OPTIONS),
}
"""The settings of a question that its form of ballot knows."""

COMPLETE = {
    Form.RANKING: gettext_lazy("Every option must get a place"),
    Form.POINTS: gettext_lazy("All points must be given"),
}
PRICED = frozenset({Form.APPROVAL, Form.SCORE, Form.POINTS, Form.KNAPSACK})
TIES = {
    "lot": gettext_lazy("a lot decides, drawn from all ballots"),
    "earlier_stages": gettext_lazy("the one that had more in an earlier round goes first, then a lot decides"),
    "lowest_cost": gettext_lazy("the cheapest one goes first, then a lot decides"),
    "most_votes": gettext_lazy("the one with the most votes goes first, then a lot decides"),
    "declared_order": gettext_lazy("the one higher on the ballot goes first"),
}


def settings_of(rule: str) -> set[str]:
    """Names of the settings that a counting rule knows."""
    return {field.name for field in fields(RULES[rule].settings)}


class CountingForm(forms.Form):
    """The counting rule as separate questions; `counting` has them as `ballots.counting` reads them."""

    rule = forms.ChoiceField(label=gettext_lazy("Counting rule"))
    seats = forms.IntegerField(label=gettext_lazy("Number of winners"), min_value=1, max_value=1000, initial=1)
    min_votes = forms.IntegerField(label=gettext_lazy("Votes needed to win"), min_value=0, initial=0)
    convention = forms.ChoiceField(
        label=gettext_lazy("Options that somebody leaves out"),
        choices=[
            ("average", gettext_lazy("share what is left over")),
            ("zero", gettext_lazy("get nothing, the last place nothing too")),
            ("from_n", gettext_lazy("get nothing, the last place one point")),
            ("modified", gettext_lazy("make the other places worth less")),
        ],
    )
    strength = forms.ChoiceField(
        label=gettext_lazy("How clear a victory is"),
        choices=[
            ("winning_votes", gettext_lazy("the number of ballots for the winner")),
            ("margins", gettext_lazy("the difference between the two")),
        ],
    )
    draw = forms.ChoiceField(
        label=gettext_lazy("Two options that end level"),
        choices=[
            ("half", gettext_lazy("get half a point each")),
            ("nothing", gettext_lazy("get nothing")),
            ("full", gettext_lazy("get a point each")),
        ],
    )
    budget = EurosField(label=gettext_lazy("What the winners may cost together, in euros"), required=False)
    when_full = forms.ChoiceField(
        label=gettext_lazy("An option that does not fit"),
        choices=[("skip", gettext_lazy("is skipped")), ("stop", gettext_lazy("ends the count"))],
    )
    increment = forms.ChoiceField(
        label=gettext_lazy("Money that is left"),
        choices=[
            ("until_overspend", gettext_lazy("makes the shares grow, until the next step would cost too much")),
            ("until_exhaustive", gettext_lazy("makes the shares grow, until nothing else fits")),
            ("none", gettext_lazy("stays, we count once")),
        ],
    )
    completion = forms.ChoiceField(
        label=gettext_lazy("What is left after that"),
        choices=[("none", gettext_lazy("stays")), ("greedy", gettext_lazy("goes to the most votes that fit"))],
    )
    tie = forms.ChoiceField(label=gettext_lazy("Equal options"))

    def offer(self, form: str) -> None:
        """Leaves the rules that can count this form, and their settings."""
        rules = rules_for(form)
        self.fields["rule"].choices = [(rule, RULE_NAMES[rule]) for rule in rules]  # type: ignore[attr-defined]
        known = {tie for rule in rules for tie in RULES[rule].settings.TIES}
        self.fields["tie"].choices = [(tie, TIES[tie]) for tie in TIES if tie in known]  # type: ignore[attr-defined]
        for name in [name for name in CountingForm.base_fields if name not in ("rule", "tie")]:
            users = [rule for rule in rules if name in settings_of(rule) or (name == "budget" and needs_money(rule))]
            if not users:
                del self.fields[name]
            elif len(users) < len(rules):
                names = ", ".join(str(RULE_NAMES[rule]) for rule in users)
                self.fields[name].help_text = _("Only for: %(rules)s.") % {"rules": names}

    def counting(self) -> dict[str, Any]:
        """The settings of the chosen rule; what belongs to another rule is left out."""
        data = self.cleaned_data
        known = settings_of(data["rule"])
        own = {name: data[name] for name in CountingForm.base_fields if name in known & data.keys() and name != "tie"}
        limits = {"highest": data.get("highest"), "per_ballot": data.get("points")}
        own |= {name: value for name, value in limits.items() if name in known and value}
        return {"rule": data["rule"], **own, "tie": [data["tie"]]}

    def check_counting(self) -> None:
        """Adds what is wrong with the rule, its budget or its ties."""
        data = self.cleaned_data
        if needs_money(data["rule"]) and not data.get("budget"):
            self.add_error("budget", _("Say what the chosen options may cost together."))
        elif data["tie"] not in RULES[data["rule"]].settings.TIES:
            self.add_error("tie", _("This counting rule does not know this way."))
        else:
            try:
                parse_settings(self.counting())
            except SettingsError as problem:
                self.add_error("rule", str(problem))


class QuestionForm(CountingForm, forms.ModelForm):
    """One question of a draft. Its form of ballot is chosen before and stays."""

    max_sum = EurosField(label=gettext_lazy("Maximum sum in euros"))
    max_options = forms.IntegerField(label=gettext_lazy("Maximum number of options"), min_value=1, max_value=1000)
    lowest = forms.IntegerField(label=gettext_lazy("Lowest score"), min_value=0, max_value=100, initial=1)
    highest = forms.IntegerField(label=gettext_lazy("Highest score"), min_value=1, max_value=100, initial=5)
    points = forms.IntegerField(label=gettext_lazy("Points to divide"), min_value=1, max_value=10_000, initial=10)
    argument_length = forms.IntegerField(
        label=gettext_lazy("Words of supporters and of opponents"),
        help_text=gettext_lazy("The most characters that each side has. Save to get the fields. Empty: no such words."),
        min_value=50,
        max_value=5_000,
        required=False,
    )

    field_order = [
        "title",
        "text",
        "max_options",
        "max_sum",
        "lowest",
        "highest",
        "points",
        "complete",
        *_OPTIONS,
        "rule",
    ]

    class Meta:
        model = Question
        fields = ["title", "text", "complete", "option_order"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, data: Any = None, *, instance: Question) -> None:
        super().__init__(data, instance=instance, initial=_initial(instance))
        form = Form(instance.form)
        for name in {name for names in LIMITS.values() for name in names} - set(LIMITS[form]):
            del self.fields[name]
        if "complete" in self.fields:
            self.fields["complete"].label = COMPLETE[form]
        self.offer(form)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and "lowest" in data and data["lowest"] >= data["highest"]:
            self.add_error("highest", _("The highest score is higher than the lowest."))
        if not self.errors:
            self.check_counting()
        return data

    def save(self, commit: bool = True) -> Question:
        question = self.instance
        for name in LIMITS[Form(question.form)]:
            setattr(question, name, self.cleaned_data[name])
        question.counting = self.counting()
        question.budget = self.cleaned_data["budget"] if needs_money(self.cleaned_data["rule"]) else None
        return super().save(commit)


def _initial(question: Question) -> dict[str, Any]:
    """What is stored; a new question has the usual values."""
    if question._state.adding:
        return {}
    own = {name: getattr(question, name) for name in (*LIMITS[Form(question.form)], "budget")}
    tie = question.counting.get("tie")
    return {**question.counting, **({"tie": tie[0]} if isinstance(tie, list) and tie else {}), **own}


class OptionForm(forms.ModelForm):
    """An option on the ballot; its number follows from its place."""

    cost = EurosField(label=gettext_lazy("Costs in euros"), required=False)
    photo = PhotoField(label=gettext_lazy("Photo"), required=False)
    without_photo = forms.BooleanField(label=gettext_lazy("Take the photo away"), required=False)

    field_order = ["title", "text", "cost", "url", "photo", "image_alt", "without_photo"]

    class Meta:
        model = Option
        fields = ["title", "text", "cost", "url", "image_alt", "argument_for", "argument_against"]
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("text", "argument_for", "argument_against")}

    def __init__(self, *args: Any, asked: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asked.form not in PRICED:
            del self.fields["cost"]
        if not self.instance.image:
            del self.fields["without_photo"]
        for name in ("argument_for", "argument_against"):
            if asked.argument_length:
                self.fields[name] = forms.CharField(
                    label=self.fields[name].label,
                    max_length=asked.argument_length,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 3}),
                )
            else:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        keeps = bool(self.instance.image) and not data.get("without_photo")
        if (data.get("photo") or keeps) and not data.get("image_alt") and "image_alt" not in self.errors:
            self.add_error("image_alt", _("Say what the photo shows."))
        return data

    def write(self, question: Question, number: int) -> None:
        """Saves the option with its photo."""
        option, photo = self.instance, self.cleaned_data.get("photo")
        if option.image and (photo or self.cleaned_data.get("without_photo")):
            transaction.on_commit(partial(forget_photo, option.image.storage, str(option.image.name)))
            option.image = ""
        if photo:
            store_photo(option.image, photo)
        option.image_alt = option.image_alt if option.image else ""
        option.vote_id, option.question, option.number = question.vote_id, question, number
        option.reference = option.reference or free_reference(Option.objects.filter(vote=question.vote_id))
        option.save()


class OptionFormSet(forms.BaseInlineFormSet):
    """The options of a question, in order."""

    def write(self, question: Question) -> None:
        """Deletes, changes and adds; `renumber` gives the numbers afterwards."""
        deleted = Option.objects.filter(pk__in=[row.instance.pk for row in self.deleted_forms])
        forget_photos(deleted)
        deleted.delete()
        rows: list[Any] = self.ordered_forms
        for number, row in enumerate(rows, start=BEHIND):
            row.write(question, number)


OptionRows = forms.inlineformset_factory(
    Question,
    Option,
    form=OptionForm,
    formset=OptionFormSet,
    extra=OPTION_ROWS,
    can_delete=True,
    can_order=True,
    fk_name="question",
)


def save_question(form: QuestionForm, options: OptionFormSet | None) -> Question:
    """Question and options together; a question of yes or no makes its own options."""
    question = form.instance
    with transaction.atomic():
        if question._state.adding:
            others = Question.objects.filter(vote=question.vote_id)
            question.number = others.count() + 1
            question.reference = free_reference(others)
        question = form.save()
        if options is not None:
            options.write(question)
        elif not question.options.exists():
            Option.objects.bulk_create(_yes_and_no(question))
        renumber(question.vote)
    return question


def _yes_and_no(question: Question) -> Iterator[Option]:
    """In the language of the municipality: voters read it."""
    with translation.override(settings.LANGUAGE_CODE):
        titles = (_("Yes"), _("No"))
    taken = set(Option.objects.filter(vote=question.vote_id).values_list("reference", flat=True))
    free = (str(number) for number in range(1, len(taken) + len(titles) + 1) if str(number) not in taken)
    for number, (title, reference) in enumerate(zip(titles, free, strict=False), start=BEHIND):
        yield Option(vote_id=question.vote_id, question=question, number=number, reference=reference, title=title)


def new_question(vote: Vote, form: str) -> Question:
    """A question that is not stored yet."""
    return Question(vote=vote, form=form)
