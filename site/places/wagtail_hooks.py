"""Places in Wagtail's admin."""

from typing import Any

from wagtail import hooks

from places.log import LOADS, formatter
from places.viewsets import PlacesViewSetGroup


@hooks.register("register_admin_viewset")
def register_places() -> PlacesViewSetGroup:
    return PlacesViewSetGroup()


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    for action, words in LOADS.items():
        actions.register_action(action)(formatter(*words))
