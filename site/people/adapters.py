"""How allauth makes accounts and sends mail here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from people.mail import queue_mail
from people.models import User
from people.sender import sender_name


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by e-mail address; mail goes out through `people.mail`, in the reader's language."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "duplicate_email": _("This is your e-mail address already."),
        "email_password_mismatch": _("E-mail address or password is not right."),
        "email_taken": _("You cannot use this e-mail address."),
        "enter_current_password": _("This is not your password."),
        "incorrect_code": _("This code is not right."),
        "incorrect_password": _("This password is not right."),
        "invalid_password_reset": _("This link does not work any more."),
        "too_many_login_attempts": _("You tried too often. Wait five minutes and try again."),
        "same_as_current": _("This is what it was already."),
        "rate_limited": _("You tried too often. Wait a minute and try again."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Writes the mail; known and unknown addresses take the same road, so the answer's time tells nothing."""
        with translation.override(_language_of(email, context.get("user"))):
            request = allauth_context.request
            values = {**context, "email": email, "site_name": sender_name(), "base_url": settings.BASE_URL}
            subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", values, request).split())
            text = render_to_string(f"{template_prefix}_message.txt", values, request).strip()
            body = {**values, "subject": subject, "paragraphs": text.split("\n\n")}
            queue_mail(email, subject, text, render_to_string("account/email/message.html", body))

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tells the owner what happened; the account goes along, for its language."""
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code of your second factor"),
            "mfa_reauthenticate:webauthn": _("Use a security key"),
        }
        methods = super().get_reauthentication_methods(user)
        return [{**method, "description": words.get(method["id"], method["description"])} for method in methods]

    def new_user(self, request: HttpRequest) -> User:
        """A new account speaks the language of the page where it was made."""
        return User(language=translation.get_language() or settings.LANGUAGE_CODE)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The home page in the language of the account."""
        with translation.override(request.user.language):  # type: ignore[union-attr]
            return str(super().get_login_redirect_url(request))

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Who changed the e-mail address comes back where that began (a new account never comes here)."""
        if not self.request.user.is_authenticated:
            return str(super().get_email_verification_redirect_url(email_address))
        with translation.override(self.request.user.language):
            return reverse("account")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")


class SecondFactorAdapter(DefaultMFAAdapter):
    """The second factor, in our words."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right."),
        "unverified_email": _("Confirm your e-mail address first."),
        "cannot_delete_authenticator": _("You cannot remove this."),
        "cannot_generate_recovery_codes": _("Set up a second factor first."),
    }


def _language_of(email: str, user: Any = None) -> str:
    """The language of the account that the mail is about, also at an address it has left; else the visitor's own."""
    if isinstance(user, User):
        return user.language
    known = User.objects.filter(email=email.lower()).values_list("language", flat=True).first()
    return known or translation.get_language() or settings.LANGUAGE_CODE
