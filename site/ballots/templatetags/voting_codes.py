"""The button with which somebody puts their voting code away."""

from typing import Any

from django import template

from ballots import kept_code
from ballots.counter import device

register = template.Library()


@register.inclusion_tag("ballots/forget_code.html", takes_context=True)
def forget_code(context: dict[str, Any], vote: Any) -> dict[str, Any]:
    """Nothing for who filled in no code on this device."""
    request = context["request"]
    return {
        "at_counter": device.is_prepared(request, vote),
        "vote_id": vote.id,
        "is_kept": kept_code.kept(request, vote.id) is not None,
        "csrf_token": context.get("csrf_token"),
    }
