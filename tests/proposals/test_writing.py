"""Writing a proposal in the browser: drafts, log-in in between, images, double clicks, closed doors."""

import re
import threading
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image

from conversation.models import HoldSettings, ModerationCase
from notices.models import OutboxLine
from pages.uploads import Photo, store_photo
from people.verdict import NotAllowed
from proposals import actions, draft_cookie
from proposals.forms import signed_key
from proposals.models import ProposalsPage, Submission
from tests.factories.proposals import close_phases, make_image, make_submission, make_theme, make_upload

State = Submission.State
TEXT = "Zet een bankje in het park, zodat iedereen kan rusten."


@pytest.fixture(autouse=True)
def known_people(request):
    """Nobody's first contribution is held here; the moderators' own tests do that."""
    if "db" in request.fixturenames or "page" in request.fixturenames:
        from wagtail.models import Site

        request.getfixturevalue("site_root")
        HoldSettings.objects.update_or_create(
            site=Site.objects.get(is_default_site=True), defaults={"first_post": False}
        )


def test_check_page_says_that_a_point_was_chosen(client_for, page, anna, places):
    browser = client_for(anna)
    answer = browser.post(
        reverse("proposals:write", args=[page.pk]),
        data(browser, page, latitude="52.005", longitude="5.005", _step="check"),
        follow=True,
    )
    assert "Havenbuurt, een punt op de kaart" in answer.content.decode()


@pytest.fixture
def uploads():
    return Path(settings.UPLOADS_ROOT)


def data(browser=None, page=None, **fields):
    """What the form sends; the key comes from the form itself, as in a browser."""
    values = {"title": "Een bankje", "text": TEXT, **fields}
    if browser is not None:
        values["request_key"] = key_of(browser.get(reverse("proposals:write", args=[page.pk])))
    return values


def key_of(response) -> str:
    return re.search(r'name="request_key" value="([^"]+)"', response.content.decode()).group(1)


def write(browser, page, **fields):
    return browser.post(reverse("proposals:write", args=[page.pk]), data(browser, page, **fields))


def only_submission() -> Submission:
    return Submission.objects.get()


# --- The way of a resident --------------------------------------------------------------------------------


def test_resident_writes_checks_and_sends(client_for, page, anna, places):
    theme = make_theme()
    browser = client_for(anna)
    check = write(browser, page, theme=theme.pk, postcode="1234 ab", house_number="1")
    draft = only_submission()
    assert (draft.state, draft.submitter) == ("draft", anna.user)
    assert check.url == reverse("proposals:check", args=[draft.request_key])

    shown = browser.get(check.url).content.decode()
    assert "Een bankje" in shown
    assert "Havenstraat 1" in shown
    assert "?field=image_alt" not in shown
    assert only_submission().state == "draft"

    done = browser.post(check.url)
    sent = only_submission()
    assert done.url == sent.get_absolute_url()
    assert (sent.state, sent.title, sent.text, sent.theme, sent.area) == (
        "collecting", "Een bankje", TEXT, theme, places.harbour,
    )  # fmt: skip
    assert (sent.threshold, sent.thread is None, sent.published_at is None) == (3, False, False)
    assert list(sent.history.values_list("state", "actor")) == [("collecting", anna.user.pk)]
    assert OutboxLine.objects.get(kind="proposals.submitted").recipient == anna.user


def test_pressing_change_leads_to_the_field(client_for, page, anna):
    browser = client_for(anna)
    write(browser, page)
    draft = only_submission()
    form = browser.get(reverse("proposals:draft", args=[draft.request_key]) + "?field=text").content.decode()
    assert re.search(r"<textarea[^>]*autofocus", form)
    assert TEXT in form


def test_draft_can_be_saved_unfinished(client_for, page, anna):
    browser = client_for(anna)
    answer = write(browser, page, title="Een", text="", _step="save")
    draft = only_submission()
    assert answer.url == reverse("proposals:draft", args=[draft.request_key])
    assert (draft.title, draft.text) == ("Een", "")
    assert "Een" in browser.get(reverse("proposals:mine")).content.decode()

    check = browser.get(reverse("proposals:check", args=[draft.request_key])).content.decode()
    assert _("Something is still missing. Fill it in first.") in check
    assert browser.post(reverse("proposals:check", args=[draft.request_key])).status_code == 409
    assert only_submission().state == "draft"


def test_errors_keep_what_was_typed(client_for, page, anna):
    answer = write(client_for(anna), page, title="", text=TEXT)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "error-summary-heading" in shown
    assert TEXT in shown
    assert only_submission().text == TEXT


@pytest.mark.parametrize(("title", "text"), [("x" * 101, TEXT), ("Kort", TEXT), ("Een bankje", "x" * 5001)])
def test_too_long_or_too_short_is_refused(client_for, page, anna, title, text):
    assert write(client_for(anna), page, title=title, text=text).status_code == 422


def test_text_is_kept_plain(client_for, page, anna):
    write(client_for(anna), page, title="Een \u202e bankje\x0b", text="Regel\x0c 1\r\n\r\n\r\n\r\nRegel 2\x00")
    assert (only_submission().title, only_submission().text) == ("Een bankje", "Regel 1\n\nRegel 2")


def test_place_outside_the_area_is_refused(client_for, page, anna, places):
    answer = write(client_for(anna), page, area=places.heath.pk)
    assert answer.status_code == 422
    assert "Wijk Oost" in answer.content.decode()


def test_new_address_wins_from_the_old_point(client_for, page, anna, places):
    browser = client_for(anna)
    write(browser, page, latitude="52.005", longitude="5.005")
    draft = only_submission()
    assert draft.area == places.harbour
    url = reverse("proposals:draft", args=[draft.request_key])
    again = {
        "latitude": "52.005",
        "longitude": "5.005",
        "area": places.meadow.pk,
        "request_key": key_of(browser.get(url)),
    }
    browser.post(url, data(**again))

    assert (only_submission().area, only_submission().latitude) == (places.meadow, None)


class _Fields(HTMLParser):
    """The place fields of a form, with what a browser would send for them."""

    NAMES = ("latitude", "longitude", "postcode", "house_number", "house_addition", "area", "location_text")

    def __init__(self, response):
        super().__init__()
        self.values, self._select = {}, ""
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "select":
            self._select = found["name"]
        if tag == "input" and found.get("name") in self.NAMES:
            self.values[found["name"]] = found.get("value", "")
        if tag == "option" and self._select in self.NAMES and "selected" in found:
            self.values[self._select] = found["value"]


def send_again(browser, response, **changes):
    """Fills in the form as it is shown, with a few changes, and sends it."""
    url = reverse("proposals:draft", args=[only_submission().request_key])
    return browser.post(url, {"title": "Een bankje", "text": TEXT, **_Fields(response).values, **changes})


def place():
    kept = only_submission()
    return kept.area, kept.latitude, kept.location_text


@pytest.mark.parametrize("errors", [1, 2])
def test_point_survives_errors_in_another_field(client_for, page, anna, places, errors):
    """Kills the mutant that does not show the area of the point: sent empty again, it looked like a choice."""
    browser = client_for(anna)
    answer = write(browser, page, title="", latitude="52.005", longitude="5.005", area="")
    assert answer.status_code == 422
    for _error in range(errors - 1):
        answer = send_again(browser, answer, title="")
        assert answer.status_code == 422
    assert send_again(browser, answer).status_code == 302
    assert place() == (places.harbour, 52.005, "")


def test_area_chosen_after_an_error_survives_the_next_error(client_for, page, anna, places):
    browser = client_for(anna)
    answer = write(browser, page, title="", latitude="52.005", longitude="5.005", area="")
    answer = send_again(browser, answer, title="", area=places.meadow.pk)
    send_again(browser, answer)
    assert place() == (places.meadow, None, "")


def test_point_that_wins_from_an_address_wins_again(client_for, page, anna, places):
    browser = client_for(anna)
    answer = write(browser, page, title="", latitude="52.005", longitude="5.005", postcode="1234AC", house_number="1")
    send_again(browser, answer)
    assert place() == (places.harbour, 52.005, "")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"area": "meadow"}, ("meadow", None, "")),
        ({"postcode": "1234AC", "house_number": "1"}, ("meadow", None, "Weidelaan 1")),
        ({"latitude": "52.005", "longitude": "5.015"}, ("meadow", 52.005, "")),
        ({}, ("harbour", None, "Havenstraat 1")),
        ({"area": "meadow", "location_text": "Bij de brug"}, ("meadow", None, "Bij de brug")),
    ],
)
@pytest.mark.parametrize("fails_first", [False, True])
def test_new_place_takes_the_old_address_away(client_for, page, anna, places, change, expected, fails_first):
    """Also when the form came back with an error in between."""
    browser = client_for(anna)
    write(browser, page, postcode="1234AB", house_number="1")
    answer = browser.get(reverse("proposals:draft", args=[only_submission().request_key]))
    change = change | ({"area": getattr(places, change["area"]).pk} if "area" in change else {})
    if fails_first:
        answer = send_again(browser, answer, title="", **change)
        change = {}
    send_again(browser, answer, **change)
    assert place() == (getattr(places, expected[0]), *expected[1:])


def test_own_words_about_the_place_stay_with_another_area(client_for, page, anna, places):
    browser = client_for(anna)
    write(browser, page, area=places.harbour.pk, location_text="Naast de speeltuin")
    answer = browser.get(reverse("proposals:draft", args=[only_submission().request_key]))
    send_again(browser, answer, area=places.meadow.pk)
    assert place() == (places.meadow, None, "Naast de speeltuin")


# --- Log-in in between ------------------------------------------------------------------------------------


def log_in(browser, resident):
    browser.force_login(resident.user, backend="django.contrib.auth.backends.ModelBackend")


def test_form_survives_the_log_in(client, page, anna):
    answer = write(client, page)
    draft = only_submission()
    assert (draft.submitter, draft.title) == (None, "Een bankje")
    assert client.cookies[draft_cookie.NAME]["httponly"]

    check = client.get(answer.url)
    login = f"{reverse('account_login')}?next={answer.url.replace('/', '%2F')}"
    assert login in check.content.decode()
    assert client.post(answer.url).url == login
    assert only_submission().state == "draft"

    log_in(client, anna)
    assert "Een bankje" in client.get(answer.url).content.decode()
    assert only_submission().submitter == anna.user
    assert client.cookies[draft_cookie.NAME].value == ""
    client.post(answer.url)
    assert (only_submission().state, only_submission().submitter) == ("collecting", anna.user)


def test_real_log_in_form_leads_back_to_the_check_page(client, page, anna):
    from tests.factories.people import PASSWORD

    answer = write(client, page)
    login = client.get(answer.url).context["login_url"]
    back = client.post(login, {"login": anna.user.email, "password": PASSWORD, "next": answer.url})
    assert back.status_code == 302
    assert back.url == answer.url
    assert "Een bankje" in client.get(back.url).content.decode()


def test_visitor_who_comes_back_finds_what_they_wrote(client, page):
    write(client, page)
    answer = client.get(reverse("proposals:write", args=[page.pk]))
    assert answer.url == reverse("proposals:draft", args=[only_submission().request_key])


def test_image_survives_the_log_in(client, page, anna, uploads):
    answer = write(client, page, photo=make_upload(), image_alt="Een leeg park")
    log_in(client, anna)
    client.get(answer.url)
    client.post(answer.url)
    sent = only_submission()
    assert (sent.image_alt, (uploads / sent.image.name).exists()) == ("Een leeg park", True)


def test_cookie_that_was_tampered_with_opens_nothing(client, page):
    answer = write(client, page)
    stranger = Client()
    stranger.cookies[draft_cookie.NAME] = str(only_submission().request_key)
    assert stranger.get(answer.url).status_code == 404


def test_anonymous_drafts_have_a_pace(page, monkeypatch):
    monkeypatch.setattr(draft_cookie, "STARTS_PER_HOUR", 2)
    assert [write(Client(), page).status_code for _visitor in range(3)] == [302, 302, 409]
    assert Submission.objects.count() == 2


# --- Other people's drafts --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["draft", "check", "discard", "draft_photo"])
def test_draft_of_somebody_else_is_not_found(client_for, page, anna, bram, dirk, name):
    draft = make_submission(page, anna, state=State.DRAFT)
    url = reverse(f"proposals:{name}", args=[draft.request_key])
    for person in (bram, dirk, None):
        assert client_for(person).get(url).status_code == 404
        assert client_for(person).post(url).status_code in (404, 405)
    assert name == "draft_photo" or client_for(anna).get(url).status_code == 200


def test_anonymous_draft_is_only_for_its_cookie(client, client_for, page, anna):
    answer = write(client, page)
    for person in (anna, None):
        assert client_for(person).get(answer.url).status_code == 404
    assert only_submission().submitter is None


def test_draft_has_no_public_page(client_for, page, anna):
    draft = make_submission(page, anna, state=State.DRAFT)
    for person in (anna, None):
        assert client_for(person).get(reverse("proposals:detail", args=[draft.pk])).status_code == 404


def test_form_key_of_somebody_else_gives_nothing_away(client_for, page, anna, bram):
    """Bram found the key of Anna's draft in an address; without the signature it is just an unknown key."""
    draft = make_submission(page, anna, state=State.DRAFT, title="Geheim plan")
    url = reverse("proposals:write", args=[page.pk])
    answer = client_for(bram).post(url, data(request_key=str(draft.request_key)))
    draft.refresh_from_db()
    assert (draft.title, draft.submitter) == ("Geheim plan", anna.user)
    assert "Geheim" not in answer.content.decode()

    forged = client_for(bram).post(url, data(request_key=signed_key(draft.request_key)))
    draft.refresh_from_db()
    assert (forged.status_code, draft.title) == (409, "Geheim plan")


def test_somebody_else_cannot_submit_my_draft(page, anna, bram):
    draft = make_submission(page, anna, state=State.DRAFT)
    with pytest.raises(NotAllowed):
        actions.submit(draft, bram.user, timezone.now())


# --- Twice --------------------------------------------------------------------------------------------------


def test_form_sent_twice_is_one_draft(client_for, page, anna):
    browser = client_for(anna)
    values = data(browser, page)
    url = reverse("proposals:write", args=[page.pk])
    answers = [browser.post(url, values), browser.post(url, values)]
    assert answers[0].url == answers[1].url
    assert Submission.objects.count() == 1


def test_double_click_of_a_visitor_keeps_the_form(client, page):
    """The browser drops the first answer, and with it the cookie: the form's signature still opens the draft."""
    values = data(client, page)
    url = reverse("proposals:write", args=[page.pk])
    client.post(url, values)
    client.cookies.clear()
    answer = client.post(url, values)

    assert answer.status_code == 302
    assert client.get(answer.url).status_code == 200
    assert Submission.objects.count() == 1


def test_sending_twice_is_one_proposal(client_for, page, anna):
    browser = client_for(anna)
    check = write(browser, page).url
    answers = [browser.post(check), browser.post(check), browser.get(check)]
    assert {answer.url for answer in answers} == {only_submission().get_absolute_url()}
    assert only_submission().history.count() == 1
    assert OutboxLine.objects.filter(kind="proposals.submitted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_race_of_sending_is_one_proposal(page, anna):
    """Kills the mutant that submits without locking the draft first: it wrote several steps of history."""
    draft = make_submission(page, anna, state=State.DRAFT)
    barrier = threading.Barrier(6)
    problems = []

    def send():
        try:
            barrier.wait(10)
            actions.submit(draft, anna.user, timezone.now())
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _click in range(6)]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]

    assert problems == []
    assert (only_submission().state, only_submission().history.count()) == ("collecting", 1)


@pytest.mark.django_db(transaction=True)
def test_race_of_the_first_form_is_one_draft(page, anna):
    """The key is unique in the database; the loser of the race finds the winner's draft."""
    key, barrier, problems = uuid4(), threading.Barrier(6), []

    def save():
        try:
            barrier.wait(10)
            actions.save_draft(page, anna.user, key, {"title": "Een bankje"}, cookie_key=key, now=timezone.now())
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=save) for _click in range(6)]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    assert (problems, Submission.objects.count()) == ([], 1)


# --- Closed doors -------------------------------------------------------------------------------------------


def test_stale_form_after_closing_keeps_the_text(client_for, page, anna):
    browser = client_for(anna)
    values = data(browser, page)
    close_phases(page)
    answer = browser.post(reverse("proposals:write", args=[page.pk]), values)

    assert answer.status_code == 409
    assert TEXT in answer.content.decode()
    assert Submission.objects.count() == 0


def test_check_page_after_closing_keeps_the_text(client_for, page, anna):
    browser = client_for(anna)
    check = write(browser, page).url
    close_phases(page)
    assert browser.get(check).status_code == 200
    answer = browser.post(check)
    assert answer.status_code == 409
    assert TEXT in answer.content.decode()
    assert only_submission().state == "draft"


def test_closed_page_says_when(client, page):
    close_phases(page)
    answer = client.get(reverse("proposals:write", args=[page.pk]))
    assert answer.status_code == 200
    assert '<form method="post"' not in answer.content.decode().split("<main")[1]


def test_under_age_may_write_but_not_send(client_for, page, chaima):
    browser = client_for(chaima)
    check = write(browser, page).url
    reason = _("You can take part from the age of %(age)s.") % {"age": 12}
    assert reason in browser.get(check).content.decode()
    assert browser.post(check).status_code == 409
    assert only_submission().state == "draft"


@pytest.mark.parametrize("change", [{"live": False}, {"pk": None}])
def test_unknown_or_unpublished_page_is_not_found(client, page, change):
    pk = page.pk if "live" in change else 999_999
    if "live" in change:
        ProposalsPage.objects.filter(pk=page.pk).update(live=False)
    assert client.get(reverse("proposals:write", args=[pk])).status_code == 404


# --- Images -------------------------------------------------------------------------------------------------


def test_image_is_made_anew(client_for, page, anna, uploads):
    exif = Image.Exif()
    exif[0x010F] = "Camera van Anna"
    write(client_for(anna), page, photo=make_upload(make_image(exif=exif.tobytes())), image_alt="Een park")
    draft = only_submission()
    stored = (uploads / draft.image.name).read_bytes()
    assert Image.open(BytesIO(stored)).format == "WEBP"
    assert b"Camera" not in stored
    assert "foto" not in draft.image.name


def test_image_asks_what_it_shows(client_for, page, anna):
    answer = write(client_for(anna), page, photo=make_upload())
    assert answer.status_code == 422
    assert _("Say what the image shows.") in answer.content.decode()
    assert only_submission().image.name  # kept: nobody has to choose it again


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "plaatje.svg"),
        (b"<html><script>alert(1)</script></html>", "foto.jpg"),
        (None, "groot.jpg"),
    ],
)
def test_bad_image_is_refused_and_nothing_else_is_lost(client_for, page, anna, content, name):
    content = make_image() + bytes(10 * 1024 * 1024) if content is None else content
    answer = write(client_for(anna), page, photo=make_upload(content, name), image_alt="Een park")
    draft = only_submission()
    assert answer.status_code == 422
    assert (draft.title, draft.image_alt, draft.image.name) == ("Een bankje", "Een park", "")


def test_new_image_replaces_the_old_file(client_for, page, anna, uploads, django_capture_on_commit_callbacks):
    browser = client_for(anna)
    write(browser, page, photo=make_upload(), image_alt="Een park")
    first = only_submission()
    url = reverse("proposals:draft", args=[first.request_key])
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(url, data(photo=make_upload(), image_alt="Een park", request_key=signed_key(first.request_key)))
    second = only_submission()
    assert first.image.name != second.image.name
    assert [(uploads / item.image.name).exists() for item in (first, second)] == [False, True]


def test_image_can_be_removed(client_for, page, anna, uploads, django_capture_on_commit_callbacks):
    browser = client_for(anna)
    write(browser, page, photo=make_upload(), image_alt="Een park")
    draft = only_submission()
    url = reverse("proposals:draft", args=[draft.request_key])
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(url, data(without_photo="on", request_key=signed_key(draft.request_key)))
    assert only_submission().image.name == ""
    assert not (uploads / draft.image.name).exists()


def test_image_of_a_draft_is_for_its_writer(client_for, page, anna, bram):
    browser = client_for(anna)
    write(browser, page, photo=make_upload(), image_alt="Een park")
    url = reverse("proposals:draft_photo", args=[only_submission().request_key])
    answer = browser.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert "no-store" in answer["Cache-Control"]
    assert answer.getvalue()
    assert client_for(bram).get(url).status_code == 404


# --- Drafts go ----------------------------------------------------------------------------------------------


def test_draft_can_be_thrown_away(client_for, page, anna, uploads, django_capture_on_commit_callbacks):
    browser = client_for(anna)
    write(browser, page, photo=make_upload(), image_alt="Een park")
    draft = only_submission()
    url = reverse("proposals:discard", args=[draft.request_key])
    assert browser.get(url).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(url)
    assert Submission.objects.count() == 0
    assert not (uploads / draft.image.name).exists()


def test_submitted_proposal_cannot_be_thrown_away(client_for, submission, anna):
    url = reverse("proposals:discard", args=[submission.request_key])
    assert client_for(anna).post(url).status_code == 404
    assert actions.delete_draft(submission) is False


def test_old_drafts_go(page, anna):
    now = timezone.now()
    kept = [
        make_submission(page, None, state=State.DRAFT, now=now - timedelta(days=6)),
        make_submission(page, anna, state=State.DRAFT, now=now - timedelta(days=179)),
        make_submission(page, anna, now=now - timedelta(days=999)),
    ]
    make_submission(page, None, state=State.DRAFT, now=now - timedelta(days=8))
    make_submission(page, anna, state=State.DRAFT, now=now - timedelta(days=181))

    assert actions.delete_old_drafts(now) == 2
    assert set(Submission.objects.all()) == set(kept)


def test_mine_shows_only_mine(client_for, page, anna, bram):
    make_submission(page, anna, title="Van Anna")
    make_submission(page, bram, title="Van Bram")
    shown = client_for(anna).get(reverse("proposals:mine")).content.decode()
    assert "Van Anna" in shown
    assert "Van Bram" not in shown
    assert Client().get(reverse("proposals:mine")).status_code == 302


@pytest.mark.parametrize("number", [1, 3])
def test_mine_queries(client_for, page, anna, number, django_assert_num_queries):
    for state in (State.DRAFT, State.COLLECTING):
        for _row in range(number):
            make_submission(page, anna, state=state)
    browser = client_for(anna)
    browser.get(reverse("proposals:mine"))
    with django_assert_num_queries(3):  # session, account, proposals
        browser.get(reverse("proposals:mine"))


# --- Moderation first ---------------------------------------------------------------------------------------


def test_page_that_moderates_first_holds_everything(client_for, page, anna):
    ProposalsPage.objects.filter(pk=page.pk).update(moderate_first=True)
    browser = client_for(anna)
    answer = browser.post(write(browser, page).url, follow=True)
    sent = only_submission()
    assert (sent.state, sent.published_at) == ("held", None)
    assert ModerationCase.objects.get().reasons == ["moderate_first"]
    assert _("A moderator reads your proposal first. Only you see this page now.") in answer.content.decode()
    assert Client().get(sent.get_absolute_url()).status_code == 404


def test_first_proposal_of_an_account_is_held(client_for, page, anna):
    HoldSettings.objects.update(first_post=True)
    browser = client_for(anna)
    browser.post(write(browser, page).url)
    assert ModerationCase.objects.get().reasons == ["first_post"]
    assert only_submission().state == "held"
    assert UUID(str(only_submission().request_key))
    assert mail.outbox == []


# --- Beginning again ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["hidden", "withdrawn"])
def test_what_is_gone_can_be_written_anew_with_its_image(client_for, page, anna, places, state):
    gone = make_submission(page, anna.user, title="Bankje", state=state, area=places.harbour, image_alt="Een bank")
    store_photo(gone.image, Photo(b"groot", b"klein"))
    gone.save()
    browser = client_for(anna)
    assert "Schrijf het opnieuw" in browser.get(gone.get_absolute_url()).content.decode()

    urls = {browser.post(reverse("proposals:write_anew", args=[gone.pk])).url for _click in range(2)}

    draft = Submission.objects.get(state="draft")
    assert urls == {reverse("proposals:draft", args=[draft.request_key])}
    assert (draft.title, draft.text, draft.area, draft.image_alt) == ("Bankje", gone.text, places.harbour, "Een bank")
    assert draft.image.name != gone.image.name
    with draft.image.open() as stored:
        assert stored.read() == b"groot"


def test_written_anew_and_sent_is_found_again(client_for, page, anna):
    gone = make_submission(page, anna.user, state="hidden")
    browser, url = client_for(anna), reverse("proposals:write_anew", args=[gone.pk])
    browser.post(url)
    draft = Submission.objects.get(state="draft")
    browser.post(reverse("proposals:check", args=[draft.request_key]))

    assert browser.post(url).url == draft.get_absolute_url()


def test_only_the_submitter_begins_again_and_only_with_what_is_gone(client_for, page, anna, bram):
    gone, there = make_submission(page, anna.user, state="hidden"), make_submission(page, anna.user)
    urls = [reverse("proposals:write_anew", args=[each.pk]) for each in (gone, there)]
    assert client_for(bram).post(urls[0]).status_code == 404
    answer = client_for(anna).post(urls[1], follow=True).content.decode()
    assert "Dit voorstel staat er nog." in answer
    assert "Schrijf het opnieuw" not in answer
    assert not Submission.objects.filter(state="draft").exists()
