"""The export of somebody's own data: one ZIP, with nobody else's in it (AVG article 15 and 20)."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext as _

from people.models import User
from people.privacy import PersonalData, declarations


def collect(user: User) -> dict[str, list[dict[str, Any]]]:
    """What people call the model → the rows whose owner is this account, with the fields declared for export."""
    found = {}
    for declared in declarations():
        if declared.owner and declared.export and (rows := _rows(declared, user)):
            found[declared.plural] = rows
    return found


def _rows(declared: PersonalData, user: User) -> list[dict[str, Any]]:
    mine = _mine(declared, user)
    found = {row["pk"]: row for row in mine.values("pk", *declared.export)}
    extra = {row.pk: _more(declared, row) for row in mine} if declared.files or declared.url else {}
    return [
        {declared.heading(path): declared.in_words(path, row[path]) for path in declared.export} | extra.get(pk, {})
        for pk, row in found.items()
    ]


def _mine(declared: PersonalData, user: User) -> models.QuerySet[models.Model]:
    return declared.rows.filter(**{declared.owner: user.pk}).order_by("pk")


def _more(declared: PersonalData, row: models.Model) -> dict[str, Any]:
    """Where a row stands on the site, and the names of its files in the ZIP ("" without one)."""
    more: dict[str, Any] = {_("address on the site"): settings.BASE_URL + declared.url(row)} if declared.url else {}
    names = {declared.heading(name): _name_in_zip(row, name) if getattr(row, name) else "" for name in declared.files}
    return more | names


def _name_in_zip(row: models.Model, name: str) -> str:
    folder, ending = _("photos"), Path(getattr(row, name).name).suffix
    return f"{folder}/{row._meta.model_name}-{row.pk}{ending}"


def _files(user: User) -> Iterator[tuple[str, bytes]]:
    """The files of somebody's rows, by their name in the ZIP; one that is not on the disk is left out."""
    with_files = [declared for declared in declarations() if declared.owner and declared.files]
    named = [(row, name) for declared in with_files for row in _mine(declared, user) for name in declared.files]
    for row, name in named:
        if stored := getattr(row, name):
            with suppress(FileNotFoundError), stored.storage.open(stored.name) as content:
                yield _name_in_zip(row, name), content.read()


def file_name() -> str:
    """What the export is called, without its ending."""
    return _("my-data")


def as_zip(user: User, now: datetime) -> bytes:
    """All of it as JSON, the photos it names, and a short explanation, in the language of now."""
    data = {_("made on"): now, _("data"): collect(user)}
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr(f"{file_name()}.json", json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        archive.writestr(
            _("read-me") + ".txt",
            _("This is what this site knows about you. How you voted is not in it: nobody can see that."),
        )
        for name, content in _files(user):
            archive.writestr(name, content)
    return target.getvalue()
