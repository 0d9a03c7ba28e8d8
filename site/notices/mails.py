"""Making a mail of an outbox line: text and HTML in the reader's language, with a way out."""

import re
import unicodedata
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

from notices import kinds
from notices.models import OutboxLine
from notices.preferences import unsubscribe_token
from people.sender import sender_address, sender_name

SUBJECT_LENGTH = 150
# Direction marks can make a subject read as something else.
_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def make_mail(line: OutboxLine, *, sender: str | None = None) -> EmailMultiAlternatives:
    """The mail of a line, in the name of `sender` (read when not given; 1 query).

    Raises `UnknownKind` or a template error when its texts are missing.
    """
    kind, sender = kinds.kind(line.kind), sender or sender_name()
    with translation.override(line.recipient.language):
        context = _context(line, kind, sender)
        mail = EmailMultiAlternatives(
            subject=one_line(_render(kind.key, "subject.txt", context)),
            body=_text(kind.key, context),
            from_email=sender_address(sender),
            to=[line.recipient.email],
            headers=_headers(line, context),
        )
        mail.attach_alternative(_render(kind.key, "body.html", context, autoescape=True), "text/html")
    return mail


def subject_of(line: OutboxLine) -> str:
    """The subject in the language of now, for lists on the site; the bare title for a kind that is gone."""
    if not kinds.is_known(line.kind):
        return str(line.payload.get("title") or line.kind)
    return one_line(_render(line.kind, "subject.txt", line.payload))


def one_line(text: str) -> str:
    """A subject: one line, no control characters or direction marks, not too long."""
    text = _DIRECTION_MARKS.sub("", " ".join(text.split()))
    text = "".join(character for character in text if unicodedata.category(character) != "Cc")
    return text if len(text) <= SUBJECT_LENGTH else text[: SUBJECT_LENGTH - 1].rstrip() + "…"


def absolute(path: str) -> str:
    """A path of this site as a full address."""
    return f"{settings.BASE_URL}{path}"


def _context(line: OutboxLine, kind: kinds.NoticeKind, sender: str) -> dict[str, Any]:
    """The payload, with what every mail needs around it. `link` is the full address of the payload's `url`."""
    unsubscribe = (
        "" if kind.mandatory else reverse("notices:unsubscribe", args=[unsubscribe_token(line.recipient, kind.key)])
    )
    return {
        **line.payload,
        "site_name": sender,
        "base_url": settings.BASE_URL,
        "name": line.recipient.display_name,
        "link": absolute(line.payload["url"]) if line.payload.get("url") else "",
        "language": translation.get_language(),
        "kind": kind,
        "unsubscribe_url": absolute(unsubscribe) if unsubscribe else "",
        "preferences_url": absolute(reverse("notices:preferences")),
    }


def _text(kind: str, context: Mapping[str, Any]) -> str:
    body = _render(kind, "body.txt", context).strip()
    frame = get_template("notices/mail.txt").template  # type: ignore[attr-defined]
    return str(frame.render(Context({**context, "body": body}, autoescape=False)))


def _render(kind: str, name: str, context: Mapping[str, Any], *, autoescape: bool = False) -> str:
    """One of the kind's templates; plain text is not escaped, so that “Jan & Piet” stays that."""
    template = get_template(f"notices/{kind}/{name}").template  # type: ignore[attr-defined]
    return str(template.render(Context(dict(context), autoescape=autoescape)))


def _headers(line: OutboxLine, context: Mapping[str, Any]) -> dict[str, str]:
    """A fixed Message-ID, so that a mail that goes twice can be recognised; the way out of RFC 2369 and 8058."""
    headers = {
        "Message-ID": f"<{line.pk}@{_host()}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": str(context["language"]),
    }
    if context["unsubscribe_url"]:
        headers["List-Unsubscribe"] = f"<{context['unsubscribe_url']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _host() -> str:
    """The sender's domain, else the site's."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return domain or str(urlsplit(settings.BASE_URL).hostname)
