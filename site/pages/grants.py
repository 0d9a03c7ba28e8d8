"""What staff may do with the look of the site, and with the images and documents of its pages."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models.signals import post_migrate
from wagtail.models import Collection, GroupCollectionPermission

from people.roles import ADMINISTRATOR, AUDITOR, CLERK, PROCESS_MANAGER, grant

EDITORS = (PROCESS_MANAGER, CLERK, ADMINISTRATOR)
# Who edits pages can add and choose images and documents for them.
ON_COLLECTIONS = ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document")


def register() -> None:
    """Called once, when the app is ready."""
    # Wagtail has no permission to only see a setting; `people.middleware` refuses an auditor's changes.
    for role in (ADMINISTRATOR, AUDITOR):
        grant(role, "pages.change_sitelook")
    post_migrate.connect(sync_collections, dispatch_uid="pages.sync_collections")


def sync_collections(sender: Any, **kwargs: Any) -> None:
    """Wagtail keeps these permissions per collection: editors hold them on the root, so on every collection."""
    root = Collection.get_first_root_node() if sender.label == "wagtailcore" else None
    if root is None:
        return
    permissions = Permission.objects.filter(
        content_type__app_label__in=("wagtailimages", "wagtaildocs"), codename__in=ON_COLLECTIONS
    )
    for group in Group.objects.filter(name__in=EDITORS):
        for permission in permissions:
            GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)
