"""Staff roles: who they are, and what each may do.

A role is a Django group with a fixed name. What a role may do is said in code: any package calls
`grant` in its `AppConfig.ready()`, and after every migration the groups hold exactly that.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import connection, router
from django.utils.translation import gettext_lazy as _

_GROUPS = """
    SELECT auth_group.name FROM auth_group JOIN people_user_groups AS member ON member.group_id = auth_group.id WHERE member.user_id = %s
"""

MODERATOR = "moderator"
PROCESS_MANAGER = "process manager"
CLERK = "clerk"
ADMINISTRATOR = "administrator"
AUDITOR = "auditor"

# Group name → what people read.
STAFF_ROLES = {
    MODERATOR: _("Moderator"),
    PROCESS_MANAGER: _("Process manager"),
    CLERK: _("Clerk"),
    ADMINISTRATOR: _("Administrator"),
    AUDITOR: _("Auditor"),
}

# role → permissions as "app_label.codename"
_granted: dict[str, set[str]] = defaultdict(set)
# role → page permissions on the whole tree, such as "publish_page"
_page_permissions: dict[str, set[str]] = defaultdict(set)
# role → permissions on every collection, such as "wagtailimages.add_image"
_collection_permissions: dict[str, set[str]] = defaultdict(set)


def grant(role: str, *permissions: str) -> None:
    """Gives a role permissions ("app_label.codename"), from the next migration on. Call it in `AppConfig.ready()`."""
    _known(role)
    _granted[role].update(permissions)


def grant_pages(role: str, *codenames: str) -> None:
    """Gives a role page permissions on every page, such as "change_page"."""
    _known(role)
    _page_permissions[role].update(codenames)


def grant_files(role: str, *permissions: str) -> None:
    """Gives a role permissions on images and documents in every collection, such as "wagtailimages.add_image"."""
    _known(role)
    _collection_permissions[role].update(permissions)


def _known(role: str) -> None:
    if role not in STAFF_ROLES:
        raise ValueError(f"Unknown role: {role}")


def roles_of(user: Any) -> frozenset[str]:
    """The staff roles of an account; read once per object, empty for anonymous or inactive accounts."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if not hasattr(user, "_staff_roles"):
        user._staff_roles = frozenset(_groups_of(user.pk)) & STAFF_ROLES.keys()
    return user._staff_roles


def _groups_of(user_id: int) -> Iterator[str]:
    """Asked at every page of whoever is logged in, so without the half millisecond that making the statement takes."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, [user_id])
        yield from (name for (name,) in cursor.fetchall())


def has_role(user: Any, *roles: str) -> bool:
    """Whether somebody has one of these roles. A superuser has every role; an administrator has only their own."""
    if user.is_authenticated and user.is_active and user.is_superuser:
        return True
    return bool(roles_of(user) & set(roles))


def is_staff_member(user: Any) -> bool:
    """Whether somebody works for the municipality here: any role, or superuser."""
    return has_role(user, *STAFF_ROLES)


def only_reads(user: Any) -> bool:
    """Whether somebody is an auditor: sees everything, changes nothing, whatever other role they have."""
    return AUDITOR in roles_of(user) and not user.is_superuser


# --- Groups follow the code, after every migration ---------------------------------------------------


def sync_roles(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Receiver of `post_migrate`: the groups' permissions on the sender's models become what the code grants."""
    if not router.allow_migrate_model(using, Group):
        return
    create_permissions(sender, verbosity=0, using=using)
    for role in STAFF_ROLES:
        group, _created = Group.objects.using(using).get_or_create(name=role)
        _sync_permissions(group, sender, using)
    if sender.label == "wagtailcore":
        # Wagtail's example groups would be a second, silent set of roles.
        Group.objects.using(using).filter(name__in=("Moderators", "Editors"), user=None).delete()
        sync_page_permissions()
    if sender.label in ("wagtailimages", "wagtaildocs"):
        sync_collection_permissions(sender.label)


def _sync_permissions(group: Group, sender: AppConfig, using: str) -> None:
    codenames = {name.split(".", 1)[1] for name in _granted[group.name] if name.split(".", 1)[0] == sender.label}
    if group.name == AUDITOR and _is_ours(sender):
        codenames |= {f"view_{model._meta.model_name}" for model in sender.get_models()}
    _hold_exactly(group, Permission.objects.using(using).filter(content_type__app_label=sender.label), codenames)


def _is_ours(app: AppConfig) -> bool:
    return not app.name.startswith(("django", "wagtail", "allauth"))


def _hold_exactly(group: Group, of_app: Any, codenames: Iterable[str]) -> None:
    wanted = set(of_app.filter(codename__in=codenames))
    held = set(group.permissions.filter(pk__in=of_app))
    group.permissions.add(*(wanted - held))
    group.permissions.remove(*(held - wanted))


def sync_page_permissions() -> None:
    """Gives each role exactly its page permissions on the root of the page tree, where there is one."""
    from wagtail.models import GroupPagePermission, Page

    root = Page.get_first_root_node()
    if root is None:
        return
    for role in STAFF_ROLES:
        held = GroupPagePermission.objects.filter(group__name=role, page=root)
        wanted = Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=_page_permissions[role])
        held.exclude(permission__in=wanted).delete()
        for permission in wanted:
            GroupPagePermission.objects.get_or_create(
                group=Group.objects.get(name=role), page=root, permission=permission
            )


def sync_collection_permissions(app_label: str) -> None:
    """Gives each role exactly its permissions on an app's files in the root collection, where there is one."""
    from wagtail.models import Collection, GroupCollectionPermission

    root = Collection.get_first_root_node()
    if root is None:
        return
    for role in STAFF_ROLES:
        of_app = Permission.objects.filter(content_type__app_label=app_label)
        names = [name.split(".", 1)[1] for name in _collection_permissions[role] if name.split(".", 1)[0] == app_label]
        held = GroupCollectionPermission.objects.filter(group__name=role, collection=root, permission__in=of_app)
        wanted = of_app.filter(codename__in=names)
        held.exclude(permission__in=wanted).delete()
        for permission in wanted:
            group = Group.objects.get(name=role)
            GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)


def unknown_grants() -> list[str]:
    """Permissions that were granted but do not exist; empty when the code is right."""
    known = {
        f"{app}.{codename}" for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
    }
    installed = {config.label for config in apps.get_app_configs()}
    names = {name for grants in (_granted, _collection_permissions) for names in grants.values() for name in names}
    return sorted(name for name in names - known if name.split(".", 1)[0] in installed)
