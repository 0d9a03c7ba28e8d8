"""allauth's forms with our words, without placeholders and without the browser's own pop-ups.

Named in `settings.ACCOUNT_FORMS` and `settings.MFA_FORMS`.
"""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django.utils.translation import gettext_lazy as _

EMAIL = _("E-mail address")
NEW_PASSWORD_HELP = _("At least 10 characters. A sentence that only you know is best.")


class PlainAccountForm:
    """Mixed into a form of allauth; `labels` and `helps` name what differs per field."""

    use_required_attribute = False
    labels: dict[str, Any] = {}
    helps: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")


class LoginForm(PlainAccountForm, account.LoginForm):
    labels = {"login": EMAIL, "password": _("Password"), "remember": _("Keep me logged in on this device")}
    helps = {"remember": _("Do not choose this on a device that others use too.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class SignupForm(PlainAccountForm, account.SignupForm):
    labels = {"email": EMAIL, "password1": _("Password")}
    helps = {
        "display_name": _("Others see this name beside what you write. It need not be your real name."),
        "password1": _("At least 10 characters. Or leave it empty: then you log in with a code by e-mail."),
    }


class RequestLoginCodeForm(PlainAccountForm, account.RequestLoginCodeForm):
    labels = {"email": EMAIL}


class ConfirmCodeForm(PlainAccountForm):
    labels = {"code": _("Code from the e-mail")}


class ConfirmLoginCodeForm(ConfirmCodeForm, account.ConfirmLoginCodeForm):
    pass


class ConfirmEmailVerificationCodeForm(ConfirmCodeForm, account.ConfirmEmailVerificationCodeForm):
    pass


class AddEmailForm(PlainAccountForm, account.AddEmailForm):
    labels = {"email": _("New e-mail address")}


class ResetPasswordForm(PlainAccountForm, account.ResetPasswordForm):
    labels = {"email": EMAIL}


class NewPasswordForm(PlainAccountForm):
    labels = {
        "oldpassword": _("Your password now"),
        "password1": _("New password"),
        "password2": _("New password once more"),
    }
    helps = {"password1": NEW_PASSWORD_HELP}


class ChangePasswordForm(NewPasswordForm, account.ChangePasswordForm):
    pass


class SetPasswordForm(NewPasswordForm, account.SetPasswordForm):
    pass


class ResetPasswordKeyForm(NewPasswordForm, account.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(PlainAccountForm, account.ReauthenticateForm):
    labels = {"password": _("Password")}


class SecondFactorForm(PlainAccountForm):
    labels = {"code": _("Code")}
    helps = {"code": _("Six digits from the app, or a recovery code.")}


class AuthenticateForm(SecondFactorForm, mfa.AuthenticateForm):
    pass


class SecondFactorReauthenticateForm(SecondFactorForm, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(PlainAccountForm, totp.ActivateTOTPForm):
    labels = {"code": _("Code")}
    helps = {"code": _("Six digits from the app.")}
