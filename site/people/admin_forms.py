"""Forms of the admin about accounts, letters and the counter."""

from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.forms import BirthDateField, DisplayNameField, HomeForm
from people.models import LetterBatch, User
from people.roles import AUDITOR, STAFF_ROLES
from places.models import Address, Area
from places.queries import address_at


class RolesField(forms.ModelMultipleChoiceField):
    """The staff roles, in the words people use."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        roles = Group.objects.filter(name__in=STAFF_ROLES).order_by("name")
        super().__init__(roles, label=_("Roles"), required=False, **kwargs)

    def label_from_instance(self, group: Group) -> str:
        return str(STAFF_ROLES[group.name])


class AccountForm(forms.ModelForm):
    """An account as an administrator sees it: never a password, never a superuser's power."""

    display_name = DisplayNameField()
    groups = RolesField(help_text=_("Staff need a second factor before they can enter. Residents have no role."))

    class Meta:
        model = User
        fields = ["display_name", "language", "groups"]

    def clean_groups(self) -> Any:
        groups = self.cleaned_data["groups"]
        names = {group.name for group in groups}
        if AUDITOR in names and len(names) > 1:
            raise forms.ValidationError(_("An auditor changes nothing, so an auditor has no other role."))
        return groups


class NewAccountForm(AccountForm):
    """An account made by an administrator; its owner logs in with a code by e-mail."""

    class Meta(AccountForm.Meta):
        fields = ["email", "display_name", "language", "groups"]

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("There is an account with this e-mail address already."))
        return email

    def save(self, commit: bool = True) -> Any:
        self.instance.set_unusable_password()
        user = super().save(commit=commit)
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True})
        return user


class EditAccountForm(AccountForm):
    class Meta(AccountForm.Meta):
        fields = ["display_name", "language", "is_active", "groups"]

    def clean_is_active(self) -> bool:
        if self.instance.erased_at and self.cleaned_data["is_active"]:
            raise forms.ValidationError(_("This account was closed by its owner. It cannot be opened again."))
        return bool(self.cleaned_data["is_active"])


class LetterBatchForm(forms.ModelForm):
    """A new batch of letters."""

    last_day = forms.DateField(
        label=_("Last day of the codes"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The codes work until the end of this day."),
    )

    class Meta:
        model = LetterBatch
        fields = ["area", "codes_per_address", "text"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = Area.objects.order_by("name")  # type: ignore[attr-defined]

    def clean_last_day(self) -> date:
        day = self.cleaned_data["last_day"]
        if not timezone.localdate() < day <= timezone.localdate() + timedelta(days=730):
            raise forms.ValidationError(_("Choose a day in the coming two years."))
        return day

    def clean_area(self) -> Area:
        from places.queries import within

        area: Area = self.cleaned_data["area"]
        if not Address.objects.filter(neighbourhood__in=within(area)).exists():
            raise forms.ValidationError(_("We know no addresses in this area. Load them first."))
        return area

    def expires_at(self) -> datetime:
        """The end of the last day, in the municipality's time."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["last_day"] + timedelta(days=1), time.min))


class ReissueForm(forms.Form):
    """Which letters to replace: those to one address, or all unused ones."""

    postcode = forms.CharField(label=_("Postcode"), max_length=10, required=False)
    number = forms.IntegerField(label=_("House number"), min_value=1, required=False)
    addition = forms.CharField(label=_("Addition"), max_length=10, required=False)
    everything = forms.BooleanField(label=_("All unused letters of this batch"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["address"] = None
        if not self.errors and not data["everything"]:
            if data["postcode"] and data["number"]:
                data["address"] = address_at(data["postcode"], data["number"], data["addition"])
            if data["address"] is None:
                raise forms.ValidationError(_("Give an address that we know, or choose all unused letters."))
        return data


class FindAccountForm(forms.Form):
    """An account by its exact e-mail address: the counter does not search people."""

    email = forms.EmailField(label=_("E-mail address of the account"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        found = User.objects.filter(email=data.get("email", "").lower(), is_active=True).first()
        if not self.errors and found is None:
            self.add_error("email", _("There is no account with this e-mail address."))
        data["user"] = found
        return data


class CounterForm(HomeForm):
    """What somebody showed at the counter."""

    birth_date = BirthDateField(required=False)
    email = forms.EmailField(widget=forms.HiddenInput)
    seen = forms.BooleanField(label=_("I saw a document that proves this"))
