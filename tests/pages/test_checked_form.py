"""Form → check page → done, the pattern of every form with consequences."""

import re
import uuid

import pytest
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.urls import path

from config.urls import urlpatterns as real_patterns
from pages.checked import CheckedFormView
from pages.forms import PlainForm
from people.verdict import ALLOWED, NotAllowed, refused

done = {}


class Wish(PlainForm):
    title = forms.CharField(label="Titel", max_length=40)
    text = forms.CharField(label="Tekst", widget=forms.Textarea)
    theme = forms.ChoiceField(label="Onderwerp", choices=[("green", "Groen"), ("play", "Spelen")])
    days = forms.MultipleChoiceField(
        label="Dagen", choices=[("1", "Maandag"), ("2", "Dinsdag")], widget=forms.CheckboxSelectMultiple, required=False
    )
    agree = forms.BooleanField(label="Akkoord")


class WishView(CheckedFormView):
    form_class, title = Wish, "Doe een wens"
    answer = ALLOWED
    late = False

    def verdict(self):
        return type(self).answer

    def form_checked(self, form, request_key):
        if type(self).late:
            raise NotAllowed(refused("Net te laat."))
        done.setdefault(request_key, form.cleaned_data["title"])
        return HttpResponse(f"ontvangst {request_key}")


class PhotoForm(PlainForm):
    photo = forms.FileField()


class PhotoView(CheckedFormView):
    form_class = PhotoForm


urlpatterns = [path("wens/", WishView.as_view()), path("foto/", PhotoView.as_view()), *real_patterns]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

GOOD = {"title": "Een bankje", "text": "Bij de haven.\nIn de zon.", "theme": "play", "days": ["1", "2"], "agree": "on"}


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    done.clear()
    monkeypatch.setattr(WishView, "answer", ALLOWED)
    monkeypatch.setattr(WishView, "late", False)


def hidden(response) -> dict[str, list[str]]:
    """Names and values of the hidden fields, as a browser would send them back."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', response.content.decode()):
        name, value = re.search(r'name="([^"]*)"', tag)[1], re.search(r'value="([^"]*)"', tag, re.DOTALL)[1]
        if name != "csrfmiddlewaretoken":
            found.setdefault(name, []).append(value)
    return found


def test_form_walks_to_its_receipt_without_a_script(client):
    form = client.get("/wens/")
    check = client.post("/wens/", {**GOOD, **hidden(form), "_step": "check"})
    receipt = client.post("/wens/", {**hidden(check), "_step": "send"})

    key = uuid.UUID(hidden(form)["_request_key"][0])
    assert receipt.content.decode() == f"ontvangst {key}"
    assert done == {key: "Een bankje"}


def test_check_page_shows_every_answer_in_words(client):
    page = client.post("/wens/", {**GOOD, "_step": "check"}).content.decode()

    shown = re.findall(r"__item-value--multiline\">([^<]*)</dd>", page)
    assert shown == ["Een bankje", "Bij de haven.\nIn de zon.", "Spelen", "Maandag, Dinsdag", "Ja"]
    assert page.count('value="change:') == 5
    assert done == {}


def test_nothing_is_kept_in_session_or_address(client):
    response = client.post("/wens/", {**GOOD, "_step": "check"})

    assert "sessionid" not in response.cookies
    assert response.headers["Cache-Control"] == "no-store"


def test_change_brings_everything_back_with_focus_on_the_field(client):
    page = client.post("/wens/", {**GOOD, "title": "", "_step": "change:text"}).content.decode()

    assert "Bij de haven." in page
    assert re.search(r"<textarea[^>]*autofocus", page)
    assert "error-summary" not in page


def test_change_of_an_unknown_field_is_an_ordinary_form(client):
    page = client.post("/wens/", {**GOOD, "_step": "change:<script>"}).content.decode()

    assert "<script>" not in page.replace("<script src", "")
    assert "autofocus" not in page


def test_sending_twice_does_it_once_and_answers_the_same(client):
    check = client.post("/wens/", {**GOOD, "_step": "check"})
    sent = {**hidden(check), "_step": "send"}

    first, second = client.post("/wens/", sent), client.post("/wens/", sent)

    assert first.content == second.content
    assert len(done) == 1


def test_back_button_and_sending_again_keeps_the_key(client):
    form = client.get("/wens/")
    once = client.post("/wens/", {**GOOD, **hidden(form), "_step": "check"})
    again = client.post("/wens/", {**GOOD, **hidden(form), "title": "Een boom", "_step": "check"})

    assert hidden(once)["_request_key"] == hidden(again)["_request_key"]


@pytest.mark.parametrize(
    ("name", "value"), [("theme", "roof"), ("title", "x" * 41), ("days", "7"), ("agree", ""), ("title", "\0")]
)
def test_changed_hidden_value_is_checked_again(client, name, value):
    """The mutant that trusts the check page's hidden fields accepts a theme that does not exist."""
    check = hidden(client.post("/wens/", {**GOOD, "_step": "check"}))

    response = client.post("/wens/", {**check, name: value, "_step": "send"})

    assert "error-summary" in response.content.decode()
    assert done == {}


@pytest.mark.parametrize("step", ["send", "check", "", "nonsense"])
def test_wrong_answers_come_back_with_a_summary_that_links_to_each_field(client, step):
    page = client.post("/wens/", {"title": "Een bankje", "_step": step}).content.decode()

    assert re.search(r"<title>\s*(Fout|Error): ", page)
    links = re.findall(r'<li><a class="[^"]*" href="#([^"]*)">', page)
    assert links == ["id_text", "id_theme", "id_agree"]
    assert all(f'id="{target}"' in page for target in links)
    assert 'value="Een bankje"' in page


def test_key_that_is_no_key_gets_a_new_one(client):
    page = client.post("/wens/", {**GOOD, "_request_key": "' OR 1=1", "_step": "check"})

    assert uuid.UUID(hidden(page)["_request_key"][0])


def test_what_is_not_of_the_form_is_not_carried_along(client):
    page = client.post("/wens/", {**GOOD, "role": "administrator", "_step": "check"})

    assert "role" not in hidden(page)


def test_script_in_an_answer_is_only_text(client):
    page = client.post("/wens/", {**GOOD, "title": '"><script>alert(1)</script>', "_step": "check"}).content.decode()

    assert "<script>alert" not in page


def test_closed_form_says_why_and_gives_back_what_was_typed(client, monkeypatch):
    check = hidden(client.post("/wens/", {**GOOD, "_step": "check"}))
    monkeypatch.setattr(WishView, "answer", refused("De termijn is voorbij."))

    response = client.post("/wens/", {**check, "_step": "send"})
    page = response.content.decode()

    assert response.status_code == 409
    assert "De termijn is voorbij." in page
    assert "Bij de haven.\nIn de zon." in page
    assert "Spelen" in page
    assert done == {}


def test_refusal_by_the_action_itself_gives_back_what_was_typed(client, monkeypatch):
    monkeypatch.setattr(WishView, "late", True)

    page = client.post("/wens/", {**GOOD, "_step": "send"}).content.decode()

    assert "Net te laat." in page
    assert "Een bankje" in page


def test_closed_form_cannot_be_opened(client, monkeypatch):
    monkeypatch.setattr(WishView, "answer", refused("De termijn is voorbij."))

    page = client.get("/wens/").content.decode()

    assert "De termijn is voorbij." in page
    assert "<textarea" not in page


def test_form_with_a_file_is_refused_at_once(client):
    with pytest.raises(ImproperlyConfigured):
        client.get("/foto/")


def test_form_without_token_is_refused_with_a_plain_page():
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/wens/", {**GOOD, "_step": "send"})

    assert response.status_code == 403
    assert "<h1" in response.content.decode()
    assert done == {}


def test_length_is_said_with_the_field_and_both_numbers(client):
    answer = client.post("/wens/", GOOD | {"title": "a" * 41}).content.decode()

    assert "“Titel” is te lang. Schrijf hoogstens 40 tekens. Nu zijn het er 41." in answer


def test_percent_sign_in_a_label_is_shown(client):
    class Share(PlainForm):
        share = forms.CharField(label="Deel in %", min_length=3)

    form = Share({"share": "ab"})

    assert form.errors["share"] == ["“Deel in %” is te kort. Schrijf minstens 3 tekens. Nu zijn het er 2."]
