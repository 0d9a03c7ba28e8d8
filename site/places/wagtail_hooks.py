"""Places in Wagtail's admin."""

from wagtail import hooks

from places.viewsets import PlacesViewSetGroup


@hooks.register("register_admin_viewset")
def register_places() -> PlacesViewSetGroup:
    return PlacesViewSetGroup()
