"""Template tags of the pages about accounts."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from people import roles
from people.browsers import browser_in_words

register = template.Library()
register.filter("browser", browser_in_words)


@register.simple_tag
def account_crumbs(title: str) -> list[tuple[str, str]]:
    """The way to a page below “My account”, for `{% breadcrumb %}`."""
    return [(_("My account"), reverse("account")), (title, "")]


@register.filter
def code_groups(code: str, size: int = 4) -> str:
    """A long code in groups, so that people can read it: ABCDEFGH → ABCD EFGH."""
    return " ".join(code[start : start + size] for start in range(0, len(code), size))


@register.filter
def only_reads(user: Any) -> bool:
    """Whether somebody is an auditor, who has no use for a button that saves."""
    return bool(user) and roles.only_reads(user)
