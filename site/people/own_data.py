"""The export of somebody's own data: one ZIP, with nobody else's in it (AVG article 15 and 20)."""

import json
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from people.models import User
from people.privacy import PersonalData, declarations


def collect(user: User) -> dict[str, list[dict[str, Any]]]:
    """Label of the model → the rows whose owner is this account, with the fields declared for export."""
    found = {}
    for declared in declarations():
        if declared.owner and declared.export and (rows := _rows(declared, user)):
            found[str(apps.get_model(declared.model)._meta.verbose_name_plural)] = rows
    return found


def _rows(declared: PersonalData, user: User) -> list[dict[str, Any]]:
    mine = declared.rows.filter(**{declared.owner: user.pk}).order_by("pk")
    return list(mine.values(*declared.export))


def as_zip(user: User, now: datetime) -> bytes:
    """`my-data.json` and a short explanation."""
    data = {"made_at": now, "data": collect(user)}
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr("my-data.json", json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        archive.writestr(
            "read-me.txt", _("This is what this site knows about you. How you voted is not in it: nobody can see that.")
        )
    return target.getvalue()
