"""What each staff role may do with the site as a whole and with people and places."""

from people.roles import (
    ADMINISTRATOR,
    AUDITOR,
    CLERK,
    MODERATOR,
    PROCESS_MANAGER,
    STAFF_ROLES,
    grant,
    grant_files,
    grant_pages,
)

EDIT_PAGES = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")

EDIT_FILES = tuple(
    f"{app}.{verb}_{model}"
    for app, model in (("wagtailimages", "image"), ("wagtaildocs", "document"))
    for verb in ("add", "change", "choose")
)


def register() -> None:
    """Called once, when the app is ready."""
    for role in STAFF_ROLES:
        grant(role, "wagtailadmin.access_admin")
    for role in (PROCESS_MANAGER, CLERK):
        grant_pages(role, *EDIT_PAGES)
    grant_pages(ADMINISTRATOR, *EDIT_PAGES, "bulk_delete_page")
    for role in (PROCESS_MANAGER, CLERK, ADMINISTRATOR):
        grant_files(role, *EDIT_FILES)
    # An auditor opens every page's drafts and history; `people.middleware` refuses every change.
    grant_pages(AUDITOR, "change_page")
    grant_files(AUDITOR, "wagtailimages.change_image", "wagtaildocs.change_document")
    _people()
    _places()


def _people() -> None:
    # Nobody deletes an account: it is closed, and what was contributed stays.
    grant(ADMINISTRATOR, *(f"people.{verb}_user" for verb in ("add", "change", "view")))
    for role in (CLERK, MODERATOR):
        grant(role, "people.view_resident", "people.change_resident")
    for role in (CLERK, ADMINISTRATOR):
        grant(role, "people.add_letterbatch", "people.change_letterbatch", "people.view_letterbatch")


def _places() -> None:
    for model in ("area", "areafigures", "address"):
        grant(ADMINISTRATOR, *(f"places.{verb}_{model}" for verb in ("add", "change", "delete", "view")))
        grant(PROCESS_MANAGER, f"places.view_{model}")
        grant(CLERK, f"places.view_{model}", f"places.change_{model}", f"places.add_{model}")
