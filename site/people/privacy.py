"""Which personal data the site holds, why, how long, and what happens then: declared in code.

Every package may have a module `personal_data` that calls `declare` for each of its models with personal
fields; Django's start loads it. From these declarations follow the nightly retention
(`people.retention`), the export of somebody's own data (`people.own_data`) and erasure
(`people.erasure`). A model with a personal field and no declaration fails the tests.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.functional import Promise

DAY = timedelta(days=1)
YEAR = timedelta(days=365)
# Field names that say by themselves that they are about a person.
PERSONAL_NAMES = {"email", "recipient", "birth_date", "display_name", "ip", "user_agent", "phone"}


class DataClass(StrEnum):
    """Why the data is there (AVG article 30: the categories)."""

    ACCOUNT = "account"
    RESIDENCE = "residence"
    CONTRIBUTION = "contribution"
    SUPPORT = "support"
    SECURITY = "security"
    MAIL = "mail"
    STAFF_WORK = "staff work"


class After(StrEnum):
    """What happens to a row: when its period ends, or when its owner closes the account."""

    KEEP = "keep"  # it stays; its owner's name becomes “former resident”
    BLANK = "blank"  # its personal fields become empty
    DELETE = "delete"


@dataclass(frozen=True)
class PersonalData:
    """One declaration. `owner` is the path from the model to the account, such as "resident__user"; empty: nobody's.

    `keep` counts from the date field `since`; None means: as long as the account exists. `blank` names
    the fields that `After.BLANK` empties; `export` those that go into the owner's export. `files` are file fields
    whose files go along; `url` gives the address on the site of what a row is, as its owner may open it.

    People read of this on the privacy page and in their export. `name` is what they call the rows, in plural, where
    the model's own name is not in their language; `headings` likewise for exported fields, and `says` puts a value into words.
    """

    model: str
    fields: tuple[str, ...]
    data_class: DataClass
    owner: str = ""
    keep: timedelta | None = None
    since: str = ""
    then: After = After.DELETE
    on_erasure: After = After.KEEP
    blank: tuple[str, ...] = ()
    export: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    url: Callable[[Any], str] | None = None
    name: str | Promise = ""
    headings: Mapping[str, str | Promise] = field(default_factory=dict, hash=False)
    says: Mapping[str, Callable[[Any], str | Promise]] = field(default_factory=dict, hash=False)

    @property
    def plural(self) -> str:
        """What people call the rows, in the language of now."""
        return str(self.name or apps.get_model(self.model)._meta.verbose_name_plural)

    def heading(self, path: str) -> str:
        """What people call an exported field. The name of something else is called after what it is: “area”, not “name”."""
        fields = self._fields(path)
        named = fields[-2] if len(fields) > 1 and fields[-1].name in ("name", "title") else fields[-1]
        return str(self.headings.get(path) or named.verbose_name)

    def in_words(self, path: str, value: Any) -> Any:
        """A value of an exported field: a choice by its label, everything else as it is."""
        if path in self.says:
            return str(self.says[path](value))
        choices = dict(self._fields(path)[-1].flatchoices)
        return str(choices[value]) if value in choices else value

    def _fields(self, path: str) -> list[Any]:
        """The fields along a path such as "area__name"."""
        model, found = apps.get_model(self.model), []
        for step in path.split("__"):
            found.append(model._meta.get_field(step))
            model = found[-1].related_model
        return found

    @property
    def rows(self) -> models.QuerySet[models.Model]:
        """All rows of the model, including those a manager hides."""
        return apps.get_model(self.model)._base_manager.all()


_declared: dict[str, PersonalData] = {}


def declare(*declarations: PersonalData) -> None:
    """Registers what is personal; a second declaration for a model is an error."""
    for declaration in declarations:
        if declaration.model in _declared:
            raise ImproperlyConfigured(f"Personal data of {declaration.model} is declared twice.")
        _declared[declaration.model] = declaration


def declarations() -> list[PersonalData]:
    """Every declaration whose package is installed, in order of model."""
    labels = {config.label for config in apps.get_app_configs()}
    return [found for name, found in sorted(_declared.items()) if name.split(".")[0] in labels]


def personal_fields(model: type[models.Model]) -> Iterator[str]:
    """Fields that point at an account or resident, or that are about a person by type or name."""
    people = {settings.AUTH_USER_MODEL, "people.Resident"}
    # A field of a parent model is declared with the parent.
    for column in model._meta.local_concrete_fields:
        target = column.related_model._meta.label if column.related_model else ""
        by_type = isinstance(column, (models.EmailField, models.GenericIPAddressField))
        if target in people or by_type or column.name in PERSONAL_NAMES:
            yield column.name


def undeclared() -> list[str]:
    """“app.Model.field” for every personal field that no declaration names."""
    missing = []
    for model in apps.get_models():
        declared = _declared.get(model._meta.label)
        named = set(declared.fields) if declared else set()
        missing += [f"{model._meta.label}.{name}" for name in personal_fields(model) if name not in named]
    return sorted(missing)
