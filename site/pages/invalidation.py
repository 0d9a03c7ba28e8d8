"""Which changes make kept pages stale."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published, page_unpublished, post_page_move

from pages.freshness import bump


def _bump(**kwargs: Any) -> None:
    bump()


def _bump_for_page(sender: type, **kwargs: Any) -> None:
    if issubclass(sender, Page):
        bump()


def connect() -> None:
    """Called once, when the site starts."""
    from pages.models import SiteLook

    for signal in (page_published, page_unpublished, post_page_move):
        signal.connect(_bump, dispatch_uid=f"pages.bump.{id(signal)}")
    post_delete.connect(_bump_for_page, dispatch_uid="pages.bump.deleted")
    for signal in (post_save, post_delete):
        signal.connect(_bump, sender=PageViewRestriction, dispatch_uid="pages.bump.privacy")
    post_save.connect(_bump, sender=SiteLook, dispatch_uid="pages.bump.look")
