"""The printer's files of exported letters: one CSV with a line per letter, one PDF with a page per letter.

Voting cards are made of the same parts (`ballots.register.card_files`).
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar
from zipfile import ZIP_DEFLATED, ZipFile

import qrcode
import typst
from django.utils import formats, translation
from django.utils.translation import gettext as _

TEMPLATE = Path(__file__).with_name("letter.typ")
# Typst needs about 0.3 MB of memory for a page.
PAGES_PER_PDF = 500
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
T = TypeVar("T")


@dataclass(frozen=True)
class Letter:
    """A letter to be printed: the address below the salutation, and the code in plain text."""

    lines: tuple[str, ...]
    code: str


@dataclass(frozen=True)
class Mailing:
    """What is the same in every letter of a batch."""

    sender: str
    page_url: str
    sent_on: date
    last_day: date
    extra: str = ""
    language: str = "nl"


def grouped(code: str) -> str:
    """ABCD-EFGH-JKMN"""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet executes."""
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_file(letters: list[Letter]) -> bytes:
    """A line per letter."""
    heading = (_("To"), _("Street and number"), _("Postcode and city"), _("Code"))
    return table([heading, *((_salutation(), *letter.lines, grouped(letter.code)) for letter in letters)])


def table(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a byte-order mark and semicolons, as Dutch spreadsheets expect; nothing in it is a formula."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def _salutation() -> str:
    return _("To the residents of")


def pdf_file(letters: list[Letter], mailing: Mailing) -> bytes:
    """A tagged PDF (PDF/UA-1), an A4 page per letter, the address where a window envelope shows it."""
    data = {
        "language": mailing.language,
        "words": _words(mailing),
        "extra": [part.strip() for part in mailing.extra.split("\n\n") if part.strip()],
        "date": formats.date_format(mailing.sent_on, "j F Y"),
        "qr": qr_png(mailing.page_url),
        "letters": [{"lines": [_salutation(), *one.lines], "code": grouped(one.code)} for one in letters],
    }
    return compiled(data)


def compiled(data: Mapping[str, object]) -> bytes:
    """The PDF of what `letter.typ` takes."""
    # System fonts differ per machine; the fonts in the package are the same everywhere.
    compiler = typst.Compiler(TEMPLATE, ignore_system_fonts=True, sys_inputs={"letters": json.dumps(data)})
    content = compiler.compile(format="pdf", pdf_standards=["ua-1"])
    assert isinstance(content, bytes)
    return content


def _words(mailing: Mailing) -> dict[str, object]:
    address = mailing.page_url.split("://")[-1].rstrip("/")
    last_day = formats.date_format(mailing.last_day, "j F Y")
    return {
        "sender": mailing.sender,
        "title": _("Your code to take part"),
        "before": [
            _("You live in our municipality. So you can decide with us, on the internet."),
            _("With the code in this letter you show that you live here. The code is for one person."),
        ],
        "steps": [
            _("Go to %(address)s, or scan the picture with your phone.") % {"address": address},
            _("Log in, or make an account."),
            _("Fill in the code."),
        ],
        "after": [
            _("The code works once, until %(date)s.") % {"date": last_day},
            _("No computer or phone? Come to our counter and bring this letter. We help you."),
        ],
        "qr": _("Picture that leads to %(address)s") % {"address": address},
    }


def qr_png(text: str, *, box_size: int = 8, mask: int | None = None) -> list[int]:
    """A QR code as the bytes of a black and white PNG. A given `mask` (0 to 7) saves trying all eight: two thirds of the time."""
    target = io.BytesIO()
    qrcode.make(text, box_size=box_size, border=2, mask_pattern=mask).save(target, format="PNG")
    return list(target.getvalue())


def zip_file(letters: list[Letter], mailing: Mailing, name: str) -> bytes:
    """The list and the letters in one ZIP, in the letter's language; a PDF has at most 500 letters."""
    with translation.override(mailing.language):
        return zipped(name, letters, csv_file, lambda part: pdf_file(part, mailing))


def zipped(
    name: str, letters: list[T], as_table: Callable[[list[T]], bytes], as_pdf: Callable[[list[T]], bytes]
) -> bytes:
    """A table of all letters and PDFs of at most 500 in one ZIP."""
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.csv", as_table(letters))
        for part, start in enumerate(range(0, len(letters), PAGES_PER_PDF), start=1):
            archive.writestr(f"{name}-{part}.pdf", as_pdf(letters[start : start + PAGES_PER_PDF]))
    return target.getvalue()
