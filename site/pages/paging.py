"""Paging by key: next and previous stay right while rows are added, and page 500 costs what page 1 costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

T = TypeVar("T", bound=Model)

SEPARATOR = "~"


@dataclass(frozen=True)
class KeysetPage(Generic[T]):
    """One page of a list. A cursor names the row beside the page; "" means there is nothing there."""

    items: Sequence[T]
    previous: str = ""
    next: str = ""

    def __len__(self) -> int:
        return len(self.items)

    def has_previous(self) -> bool:
        return bool(self.previous)

    def has_next(self) -> bool:
        return bool(self.next)

    def has_other_pages(self) -> bool:
        return bool(self.previous or self.next)


def keyset_page(rows: QuerySet[T], *, order: str, size: int, cursors: QueryDict | dict[str, str]) -> KeysetPage[T]:
    """The page of `rows` that `cursors` asks for with `after` or `before`.

    `order` names one concrete field that is never NULL, with "-" for descending; equal values are
    told apart by id. A cursor that cannot be read gives the first page: addresses get mangled in mails.
    """
    name, descending = order.lstrip("-"), order.startswith("-")
    after, before = (_read(rows.model, name, cursors.get(word, "")) for word in ("after", "before"))
    if before is not None and after is None:
        found = list(_ordered(_beyond(rows, name, before, not descending), name, not descending)[: size + 1])
        if len(found) > size:
            items = found[size - 1 :: -1]
            return KeysetPage(items, previous=cursor_of(items[0], name), next=cursor_of(items[-1], name))
        # The way back ended at the first page: show that page whole.
    chosen = rows if after is None else _beyond(rows, name, after, descending)
    found = list(_ordered(chosen, name, descending)[: size + 1])
    items, more = found[:size], len(found) > size
    return KeysetPage(
        items,
        previous=cursor_of(items[0], name) if items and after is not None else "",
        next=cursor_of(items[-1], name) if more else "",
    )


def capped_count(rows: QuerySet[Any], cap: int) -> int:
    """The number of rows, or `cap` + 1 when there are more: no query counts more rows than that."""
    return int(rows.order_by()[: cap + 1].count())


def _ordered(rows: QuerySet[T], name: str, descending: bool) -> QuerySet[T]:
    sign = "-" if descending else ""
    return rows.order_by(f"{sign}{name}", f"{sign}pk")


def _beyond(rows: QuerySet[T], name: str, key: tuple[Any, int], descending: bool) -> QuerySet[T]:
    """Rows after `key`. The first condition repeats what follows from the others, so that an index can serve."""
    value, pk = key
    side = "lt" if descending else "gt"
    return rows.filter(Q(**{f"{name}__{side}e": value}) & (Q(**{f"{name}__{side}": value}) | Q(**{f"pk__{side}": pk})))


def cursor_of(row: Model, name: str) -> str:
    """The cursor of a row in a list ordered by the field `name`."""
    field: Any = row._meta.get_field(name)
    return f"{field.value_to_string(row)}{SEPARATOR}{row.pk}"


def _read(model: type[Model], name: str, cursor: str) -> tuple[Any, int] | None:
    value, separator, pk = cursor.rpartition(SEPARATOR)
    if not separator or not pk.isascii() or not pk.isdigit() or len(pk) > 18 or "\0" in value:
        return None
    try:
        return model._meta.get_field(name).clean(value, None), int(pk)  # type: ignore[union-attr]
    except ValidationError:
        return None
