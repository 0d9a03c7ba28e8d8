"""Staff choose the look of the site and edit its pages in Wagtail's admin."""

import pytest
from django.urls import reverse
from wagtail.models import GroupCollectionPermission

from pages.models import ContentPage, SiteLook
from people.roles import ADMINISTRATOR, CLERK, PROCESS_MANAGER

pytestmark = pytest.mark.django_db


def look_url(site) -> str:
    return reverse("wagtailsettings:edit", args=["pages", "sitelook", site.pk])


def test_administrator_chooses_the_theme(waterveen, client_for, administrator):
    browser = client_for(administrator)

    page = browser.get(look_url(waterveen.site)).content.decode()
    browser.post(
        look_url(waterveen.site), {"theme": "meadow", "organisation": "Gemeente Waterveen", "logo": "", "contact": ""}
    )

    assert 'href="/stijl/"' in page
    assert SiteLook.objects.get().theme == "meadow"


def test_process_manager_does_not_choose_the_theme(waterveen, client_for, dirk):
    client_for(dirk).post(look_url(waterveen.site), {"theme": "meadow", "organisation": "X", "logo": "", "contact": ""})

    assert SiteLook.objects.get().theme == "river"


def test_resident_does_not_enter_the_admin(waterveen, client_for, anna):
    assert client_for(anna).get(look_url(waterveen.site)).status_code in (302, 403)


def test_editor_makes_a_page_of_blocks(waterveen, client_for, dirk):
    url = reverse("wagtailadmin_pages:add", args=["pages", "contentpage", waterveen.home.pk])
    blocks = {
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "quote", "body-0-id": "",
        "body-0-value-text": "Fijn hier.", "body-0-value-source": "Een bewoner",
    }  # fmt: skip
    values = {"title": "Verhalen", "slug": "verhalen", "intro": "", "role": "", "comments-TOTAL_FORMS": "0",
              "comments-INITIAL_FORMS": "0", "action-publish": "x", **blocks}  # fmt: skip

    assert client_for(dirk).get(url).status_code == 200
    client_for(dirk).post(url, values)

    assert ContentPage.objects.get(slug="verhalen").body[0].value["text"] == "Fijn hier."


@pytest.mark.parametrize("role", [PROCESS_MANAGER, CLERK, ADMINISTRATOR])
def test_editors_add_images_and_documents(db, role):
    held = set(
        GroupCollectionPermission.objects.filter(group__name=role).values_list("permission__codename", flat=True)
    )

    assert {"add_image", "choose_image", "add_document", "choose_document"} <= held
