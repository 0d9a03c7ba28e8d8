"""What the privacy page says about keeping data, made from the declarations that the software obeys."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.privacy import After, DataClass, PersonalData, declarations


def retention_rows() -> list[tuple[str, str, str]]:
    """Triples of (what, how long, what happens when an account is closed), for what residents leave behind."""
    mine = [found for found in declarations() if found.data_class is not DataClass.STAFF_WORK]
    return sorted({(_what(found), _how_long(found), _when_closed(found)) for found in mine})


def _what(found: PersonalData) -> str:
    return found.plural[:1].upper() + found.plural[1:]


def _how_long(found: PersonalData) -> str:
    return in_plain_time(found.keep) if found.keep else _("as long as your account exists")


def in_plain_time(period: timedelta) -> str:
    """“3 months”, “2 years”: whole units, as an ordinance says it."""
    days = period.days
    if days >= 365:
        years = round(days / 365)
        return ngettext("%(count)s year", "%(count)s years", years) % {"count": years}
    if days >= 60:
        months = round(days / 30)
        return ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def _when_closed(found: PersonalData) -> str:
    return {
        After.KEEP: _("stays, without your name"),
        After.BLANK: _("stays, without your details"),
        After.DELETE: _("is deleted"),
    }[found.on_erasure]
