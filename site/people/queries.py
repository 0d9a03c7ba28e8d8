"""Reads about people that others share."""

from typing import Any

from people.models import Resident


def resident_of(user: Any) -> Resident | None:
    """The resident behind an account, with neighbourhood and what it is part of; None for visitors without one."""
    if not user.is_authenticated:
        return None
    residents = Resident.objects.select_related("user", "neighbourhood__parent__parent", "address")
    return residents.filter(user=user).first()
