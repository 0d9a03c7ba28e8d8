"""Roles follow the code; an auditor reads everything and changes nothing; every change of a role is in the log."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.menu import admin_menu, settings_menu
from wagtail.log_actions import LogContext
from wagtail.models import ModelLogEntry, Page, Site
from wagtail.users.models import UserProfile

from people.actions import prove_at_counter
from people.models import User
from people.roles import (
    ADMINISTRATOR,
    AUDITOR,
    CLERK,
    MODERATOR,
    PROCESS_MANAGER,
    STAFF_ROLES,
    has_role,
    is_staff_member,
    only_reads,
    roles_of,
    unknown_grants,
)
from places.models import Area
from tests.factories.pages import make_site
from tests.factories.people import PASSWORD, make_user


def group(role):
    return Group.objects.get(name=role)


# --- Who has a role --------------------------------------------------------------------------------------------


def test_role_of_staff(dirk, clerk):
    assert has_role(dirk, MODERATOR)
    assert has_role(dirk, CLERK, PROCESS_MANAGER)
    assert not has_role(dirk, CLERK)
    assert is_staff_member(clerk)


def test_resident_and_visitor_have_no_role(eva):
    assert not is_staff_member(eva)
    assert not is_staff_member(AnonymousUser())
    assert roles_of(AnonymousUser()) == frozenset()


def test_superuser_has_every_role_and_administrator_only_their_own(administrator, db):
    root = make_user("Root", is_superuser=True)
    assert all(has_role(root, role) for role in STAFF_ROLES)
    assert [role for role in STAFF_ROLES if has_role(administrator, role)] == [ADMINISTRATOR]


def test_inactive_account_has_no_role(dirk):
    dirk.is_active = False
    assert not is_staff_member(dirk)


def test_other_group_is_no_role(eva):
    eva.groups.add(Group.objects.create(name="leesclub"))
    assert not is_staff_member(eva)


def test_roles_are_read_once(dirk, django_assert_num_queries):
    user = User.objects.get(pk=dirk.pk)
    with django_assert_num_queries(1):
        has_role(user, MODERATOR)
        is_staff_member(user)


# --- Groups follow the code ----------------------------------------------------------------------------------------


def test_every_role_enters_the_admin(db):
    for role in STAFF_ROLES:
        assert group(role).permissions.filter(codename="access_admin").exists()


def test_every_granted_permission_exists(db):
    assert unknown_grants() == []


def test_migration_restores_what_the_code_says(db):
    added = Permission.objects.get(codename="delete_user")
    group(MODERATOR).permissions.add(added)
    group(ADMINISTRATOR).permissions.clear()
    call_command("migrate", verbosity=0)
    assert not group(MODERATOR).permissions.filter(pk=added.pk).exists()
    assert group(ADMINISTRATOR).permissions.filter(codename="change_user").exists()


def test_who_edits_pages_may_use_images(db):
    from wagtail.models import GroupCollectionPermission, GroupPagePermission

    files = GroupCollectionPermission.objects.filter(permission__codename="add_image").values_list(
        "group__name", flat=True
    )
    pages = GroupPagePermission.objects.filter(permission__codename="publish_page").values_list(
        "group__name", flat=True
    )
    assert set(files) == set(pages) == {PROCESS_MANAGER, CLERK, ADMINISTRATOR}


def test_migration_takes_back_page_permissions_that_the_code_does_not_give(db):
    from wagtail.models import GroupPagePermission

    publish = Permission.objects.get(content_type__app_label="wagtailcore", codename="publish_page")
    GroupPagePermission.objects.create(group=group(MODERATOR), page=Page.get_first_root_node(), permission=publish)
    call_command("migrate", verbosity=0)
    assert not group(MODERATOR).page_permissions.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/beheer/account/",
        "/beheer/users/new/",
        "/beheer/areas/new/",
        "/beheer/letters/new/",
        "/beheer/addresses/import/",
    ],
)
def test_forms_of_the_administrator_open(client_for, administrator, places, site_root, path):
    assert client_for(administrator).get(path).status_code == 200


def test_staff_choose_language_and_look_and_are_not_asked_for_names_nobody_keeps(client_for, dirk, site_root):
    client = client_for(dirk)
    page = client.get("/beheer/account/").content.decode()
    names = set(re.findall(r'name="((?:locale|theme|name_email|avatar|notifications)-\w+)"', page))
    assert names == {
        "locale-preferred_language",
        *(f"theme-{name}" for name in ("theme", "contrast", "density", "keyboard_shortcuts")),
        "notifications-updated_comments_notifications",
    }
    assert f'href="{reverse("account")}"' in page
    data = {
        "locale-preferred_language": "en",
        "theme-theme": "dark",
        "theme-contrast": "system",
        "theme-density": "default",
    }
    assert client.post("/beheer/account/", data)["Location"] == "/beheer/account/"
    profile = UserProfile.get_for_user(User.objects.get(pk=dirk.pk))
    assert (profile.preferred_language, profile.theme, profile.updated_comments_notifications) == ("en", "dark", False)


def test_page_is_published_without_a_workflow(client_for, clerk, site_root):
    """Mutant: leave Wagtail's workflows on: a button sends a page to moderators of Wagtail's, who do not exist here."""
    page = make_site(site_root).about
    page = client_for(clerk).get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "action-publish" in page
    assert "action-submit" not in page


def test_area_is_edited_with_its_figures(client_for, administrator, places):
    figures = places.harbour.figures.get()
    data = {
        "name": "Havenkwartier",
        "kind": "neighbourhood",
        "code": "BU00010101",
        "slug": "havenbuurt",
        "parent": places.east.pk,
        "boundary": '{"type": "Polygon", "coordinates": [[[5, 52], [5.02, 52], [5.02, 52.01], [5, 52.01], [5, 52]]]}',
        "figures-TOTAL_FORMS": 1,
        "figures-INITIAL_FORMS": 1,
        "figures-MIN_NUM_FORMS": 0,
        "figures-MAX_NUM_FORMS": 1000,
        "figures-0-id": figures.pk,
        "figures-0-date": "2026-01-01",
        "figures-0-population": 1100,
        "figures-0-electorate": 900,
        "figures-0-source": "CBS",
    }
    client = client_for(administrator)
    assert client.post(reverse("area:edit", args=[places.harbour.pk]), data).status_code == 302
    places.harbour.refresh_from_db()
    assert (places.harbour.name, places.harbour.east, places.harbour.figures.get().population) == (
        "Havenkwartier",
        5.02,
        1100,
    )
    bow_tie = '{"type": "Polygon", "coordinates": [[[5, 52], [5.01, 52.01], [5.01, 52], [5, 52.01], [5, 52]]]}'
    page = client.post(reverse("area:edit", args=[places.harbour.pk]), {**data, "boundary": bow_tie})
    assert "boundary" in page.context["form"].errors


def test_example_groups_of_wagtail_are_gone(db):
    assert not Group.objects.filter(name__in=["Editors", "Moderators"]).exists()


def test_nobody_may_delete_accounts(db):
    assert not Group.objects.filter(permissions__codename="delete_user").exists()


# --- The log ---------------------------------------------------------------------------------------------------------


def test_giving_and_taking_a_role_is_logged_with_its_actor(eva, administrator):
    with LogContext(user=administrator):
        eva.groups.add(group(CLERK))
        eva.groups.remove(group(CLERK))
    entries = ModelLogEntry.objects.filter(object_id=str(eva.pk), action__startswith="people.").order_by("timestamp")
    assert [(entry.action, entry.data["role"], entry.user) for entry in entries] == [
        ("people.give_role", CLERK, administrator),
        ("people.take_role", CLERK, administrator),
    ]


def test_role_given_from_the_side_of_the_group_is_logged_too(eva, administrator):
    """Wagtail's bulk action assigns roles this way."""
    with LogContext(user=administrator):
        group(CLERK).user_set.add(eva)
    assert ModelLogEntry.objects.get(action="people.give_role", object_id=str(eva.pk)).user == administrator


# --- The administrator's list of accounts ------------------------------------------------------------------------------


def edit(client, user, **fields):
    data = {"display_name": user.display_name, "language": "nl", "is_active": "on", "groups": [], **fields}
    return client.post(reverse("wagtailusers_users:edit", args=[user.pk]), data)


def test_administrator_gives_a_role(client_for, administrator, eva):
    answer = edit(client_for(administrator), eva, groups=[group(CLERK).pk])
    assert answer.status_code == 302
    assert roles_of(User.objects.get(pk=eva.pk)) == {CLERK}
    assert ModelLogEntry.objects.get(action="people.give_role", object_id=str(eva.pk)).user == administrator


def test_auditor_with_another_role_is_refused(client_for, administrator, eva):
    edit(client_for(administrator), eva, groups=[group(CLERK).pk, group(AUDITOR).pk])
    assert roles_of(User.objects.get(pk=eva.pk)) == frozenset()


@pytest.mark.parametrize("field", ["is_superuser", "password1", "email", "erased_at"])
def test_administrator_cannot_set(client_for, administrator, eva, field):
    """Mutant: use Wagtail's own form; whoever may change accounts could make themselves superuser."""
    before = User.objects.filter(pk=eva.pk).values("is_superuser", "password", "email", "erased_at").get()
    edit(client_for(administrator), eva, **{field: "on", "password2": "on"})
    assert User.objects.filter(pk=eva.pk).values("is_superuser", "password", "email", "erased_at").get() == before


def test_administrator_cannot_change_a_superuser(client_for, administrator, db):
    root = make_user("Root", is_superuser=True)
    edit(client_for(administrator), root, display_name="Anders")
    assert User.objects.get(pk=root.pk).display_name == "Root"


def test_administrator_makes_an_account_without_password(client_for, administrator):
    data = {"email": "Nieuw@Example.nl", "display_name": "Nieuw", "language": "nl", "groups": [group(MODERATOR).pk]}
    assert client_for(administrator).post(reverse("wagtailusers_users:add"), data).status_code == 302
    user = User.objects.get(email="nieuw@example.nl")
    assert not user.has_usable_password()
    assert roles_of(user) == {MODERATOR}
    assert user.emailaddress_set.get().verified is False


def test_account_with_a_known_address_is_refused(client_for, administrator, eva):
    data = {"email": eva.email.upper(), "display_name": "Nieuw", "language": "nl"}
    assert client_for(administrator).post(reverse("wagtailusers_users:add"), data).status_code == 200


def test_only_the_administrator_changes_accounts(client_for, dirk, clerk, eva):
    for somebody in (dirk, clerk):
        edit(client_for(somebody), eva, display_name="Anders")
    assert User.objects.get(pk=eva.pk).display_name == "Eva"


def test_administrator_removes_a_lost_second_factor(client_for, administrator, dirk):
    client = client_for(administrator, recent=True)
    answer = client.post(reverse("wagtailusers_users:second_factor", args=[dirk.pk]))
    assert answer.status_code == 302
    assert not dirk.authenticator_set.exists()
    assert ModelLogEntry.objects.get(action="people.remove_second_factor").user == administrator


def test_list_of_accounts_asks_as_much_for_one_row_as_for_three(client_for, administrator, django_assert_num_queries):
    client = client_for(administrator)
    client.get(reverse("wagtailusers_users:index_results"))
    with django_assert_num_queries(9):
        client.get(reverse("wagtailusers_users:index_results"))
    for name in ("Een", "Twee"):
        make_user(name, roles=(CLERK,))
    with django_assert_num_queries(9):
        client.get(reverse("wagtailusers_users:index_results"))


@pytest.mark.parametrize(
    "query", ["?ordering=password", "?ordering=-email;drop", "?q='%20OR%201=1--", "?p=99999", "?ordering=last_login"]
)
def test_list_of_accounts_takes_no_orders_from_the_address(client_for, administrator, eva, query):
    assert client_for(administrator).get(reverse("wagtailusers_users:index") + query).status_code in (200, 404)


# --- The auditor ----------------------------------------------------------------------------------------------------------

READ_PATHS = [
    "/beheer/",
    "/beheer/pages/",
    "/beheer/users/",
    "/beheer/areas/",
    "/beheer/addresses/",
    "/beheer/letters/",
    "/beheer/reports/site-history/",
    "/beheer/images/",
    "/beheer/documents/",
    "/beheer/settings/pages/sitelook/{site}/",
    "/beheer/settings/conversation/holdsettings/{site}/",
    "/beheer/counter/",
    "/beheer/pages/{page}/edit/",
    "/beheer/pages/{page}/history/",
]


@pytest.mark.parametrize("path", READ_PATHS)
def test_auditor_reads(client_for, auditor, places, site_root, path):
    where = path.format(site=Site.objects.get().pk, page=make_site(site_root).home.pk)
    assert client_for(auditor).get(where).status_code == 200


def test_menu_of_an_auditor_leads_to_what_they_read(rf, auditor):
    request = rf.get("/beheer/")
    request.user = auditor
    urls = [item.url for menu in (admin_menu, settings_menu) for item in menu.menu_items_for_request(request)]
    for path in (
        "images/",
        "documents/",
        "counter/",
        "settings/pages/sitelook/",
        "settings/conversation/holdsettings/",
    ):
        assert f"/beheer/{path}" in urls


EDITORS = [
    "/beheer/pages/{page}/edit/",
    "/beheer/settings/pages/sitelook/{site}/",
    "/beheer/counter/",
]


@pytest.mark.parametrize("path", EDITORS)
def test_auditor_finds_no_button_that_would_be_refused(client_for, auditor, administrator, clerk, site_root, path):
    """Who does the work finds the same page with its buttons."""
    where = path.format(site=Site.objects.get().pk, page=make_site(site_root).home.pk)
    worker = clerk if "counter" in path else administrator
    pages = [client_for(person).get(where).content.decode() for person in (worker, auditor)]
    leads_to_change = ("footer__container", 'name="find"', "Stel schema in")
    found = [[word for word in leads_to_change if word in page] for page in pages]
    assert found[0]
    assert found[1] == []


def test_counter_shows_what_was_proved(client_for, clerk, auditor, eva, places):
    prove_at_counter(eva, address=None, neighbourhood=places.harbour, birth_date=None, actor=clerk, now=timezone.now())
    assert [entry.user for entry in client_for(auditor).get("/beheer/counter/").context["proved"]] == [clerk]


def test_auditor_may_see_every_model_of_ours(auditor):
    missing = [
        f"{model._meta.app_label}.view_{model._meta.model_name}"
        for model in (Area, User)
        if not auditor.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
    ]
    assert missing == []
    assert not auditor.has_perm("people.change_user")


WRITES = [
    ("/beheer/pages/add/pages/contentpage/{root}/", {"title": "X", "slug": "x", "action-publish": "1"}),
    ("/beheer/pages/{root}/edit/", {"title": "X", "slug": "x", "action-publish": "1"}),
    ("/beheer/pages/{root}/edit/preview/", {"title": "X"}),
    ("/beheer/pages/{root}/delete/", {}),
    ("/beheer/areas/new/", {"name": "X"}),
    ("/beheer/areas/edit/{area}/", {"name": "X"}),
    ("/beheer/users/new/", {"email": "x@example.nl", "display_name": "X", "language": "nl"}),
    ("/beheer/users/edit/{auditor}/", {"display_name": "X", "language": "nl", "is_active": "on", "groups": "1"}),
    ("/beheer/bulk/people/user/assign_role/?id={auditor}", {"role": "1"}),
    ("/beheer/letters/new/", {}),
    ("/beheer/counter/", {"email": "x@example.nl"}),
    ("/beheer/account/", {}),
    ("/beheer/dismissibles/", {}),
    ("/briefcode/", {"code": "x"}),
    ("/voorstellen/", {}),
]


@pytest.mark.parametrize(("path", "data"), WRITES, ids=[path for path, _data in WRITES])
@pytest.mark.parametrize("other_role", [None, ADMINISTRATOR])
def test_auditor_changes_nothing(client_for, auditor, places, site_root, path, data, other_role):
    """Mutant: leave `process_view` out of the middleware; with a second role the permissions alone would let it through."""
    if other_role:
        auditor.groups.add(group(other_role))
    root = Page.objects.order_by("depth").last()
    where = path.format(root=root.pk, area=places.harbour.pk, auditor=auditor.pk)
    before = (Page.objects.count(), Area.objects.filter(name="X").count(), User.objects.count(), auditor.groups.count())
    assert client_for(auditor).post(where, data).status_code in (403, 404)
    assert before == (
        Page.objects.count(),
        Area.objects.filter(name="X").count(),
        User.objects.count(),
        auditor.groups.count(),
    )


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_auditor_changes_nothing_by_any_method(client_for, auditor, method):
    assert getattr(client_for(auditor), method)("/beheer/dismissibles/").status_code == 403


def test_auditor_logs_in_and_out_and_changes_their_own_password(client_for, auditor):
    client = client_for(auditor, recent=True)
    data = {"oldpassword": PASSWORD, "password1": "een ander lang wachtwoord", "password2": "een ander lang wachtwoord"}
    assert client.post(reverse("account_change_password"), data).status_code == 302
    assert client.post(reverse("account_logout")).status_code == 302


def test_only_an_auditor_only_reads(auditor, dirk, eva):
    assert [only_reads(user) for user in (auditor, dirk, eva, AnonymousUser())] == [True, False, False, False]
