"""Plain text by residents, and the name beside it."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from people.models import User

# Control characters (an Atom feed cannot hold them), and characters that turn the direction of a
# line, with which a text can show something else than it says.
UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")
MANY_EMPTY_LINES = re.compile(r"\n{3,}")


def plain_text(value: str) -> str:
    """Text as it is kept: one kind of line end, at most one empty line, no characters that only deceive."""
    lines = UNWANTED.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return MANY_EMPTY_LINES.sub("\n\n", lines).strip()


def writer_name(user: "User | None") -> str:
    """The name others read; of an erased account only that somebody was here."""
    if user is None or user.erased_at is not None:
        return _("Former resident")
    return user.display_name


class PlainTextField(forms.CharField):
    """Several lines of text. The length counts a line end once, whatever the browser sends."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return plain_text(super().to_python(value) or "")


class PlainLineField(forms.CharField):
    """One line of text."""

    def to_python(self, value: Any) -> str:
        return " ".join(plain_text(super().to_python(value) or "").split())
