"""Loading a file changes many rows at once: one line in the log of the municipality tells it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter, log

from places.models import Area

LOADS = {
    "places.load_areas": (gettext_lazy("Load areas"), gettext_lazy("Areas loaded from a file")),
    "places.load_addresses": (gettext_lazy("Load addresses"), gettext_lazy("Addresses loaded from a file")),
}


def log_load(action: str, counts: dict[str, int], *, actor: Any = None) -> None:
    """A line beside the municipality, or beside the first area where there is none yet."""
    kinds = [Area.Kind.MUNICIPALITY, Area.Kind.DISTRICT, Area.Kind.NEIGHBOURHOOD]
    areas = (Area.objects.filter(kind=kind).order_by("pk").first() for kind in kinds)
    if top := next((area for area in areas if area), None):
        log(top, action, user=actor, data=counts)


def formatter(verb: Any, sentence: Any) -> type[LogFormatter]:
    """How such a line reads: what was done, and to how many."""

    class LoadFormatter(LogFormatter):
        label = verb

        def format_message(self, log_entry: Any) -> str:
            counts = _("%(created)s new, %(updated)s updated") % log_entry.data
            return f"{sentence}: {counts}"

    return LoadFormatter
