"""Mail of the demonstration: readable files in a folder instead of sent messages."""

import email
import email.policy
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage as ParsedMessage
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

SHOWN = 200


class FolderBackend(BaseEmailBackend):
    """Writes each mail to `settings.DEMO_MAIL_DIR` as `<name>.eml`, whole or not at all.

    The name comes from the Message-ID, so a mail that is sent twice is one file: delivering may be
    repeated without harm (`is_repeatable`).
    """

    is_repeatable = True

    def open(self) -> bool:
        Path(settings.DEMO_MAIL_DIR).mkdir(parents=True, exist_ok=True)
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.open()
        for message in email_messages:
            _write(Path(settings.DEMO_MAIL_DIR), message)
        return len(email_messages)


def _write(folder: Path, mail: EmailMessage) -> None:
    message = mail.message()
    name = _file_name(str(message["Message-ID"] or ""))
    fresh = folder / f".{name}.{os.getpid()}"
    fresh.write_bytes(message.as_bytes())
    fresh.replace(folder / f"{name}.eml")


def _file_name(message_id: str) -> str:
    """The id of the outbox line when that is what the Message-ID begins with; never a path."""
    begin = message_id.strip("<> ").partition("@")[0]
    try:
        return str(uuid.UUID(begin))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, message_id) if message_id else uuid.uuid4())


# --- Reading them back ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class DemoMail:
    """A mail in the folder. `html` is "" when it has plain text only."""

    name: str
    subject: str
    recipient: str
    sender: str
    date: datetime | None
    text: str
    html: str


def newest_mails(recipient: str = "", limit: int = SHOWN) -> list[DemoMail]:
    """The newest mails in the folder, newest first; with `recipient` only those whose address holds that text.

    Of the others only the head is read: a year of mail is 4,500 files, and reading them whole took ten seconds.
    """
    folder = Path(settings.DEMO_MAIL_DIR)
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    wanted = (path for path in files if recipient.lower() in _recipient(path))
    return [_read(path) for path in islice(wanted, limit)]


def _recipient(path: Path) -> str:
    with path.open("rb") as file:
        return str(BytesHeaderParser().parse(file)["To"] or "").lower()


def find_mail(name: uuid.UUID) -> DemoMail | None:
    path = Path(settings.DEMO_MAIL_DIR) / f"{name}.eml"
    return _read(path) if path.is_file() else None


def _read(path: Path) -> DemoMail:
    message: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return DemoMail(
        name=path.stem,
        subject=str(message["Subject"] or ""),
        recipient=str(message["To"] or ""),
        sender=str(message["From"] or ""),
        date=_date(message["Date"]),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _date(header: str | None) -> datetime | None:
    """Django writes “-0000”, which reads as a time without a zone; it is UTC."""
    if not header:
        return None
    date = parsedate_to_datetime(header)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _part(message: ParsedMessage, kind: str) -> str:
    part: Any = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
