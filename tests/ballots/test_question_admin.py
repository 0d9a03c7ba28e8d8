"""Staff write the questions of a draft: every form of ballot, its settings where they apply, options with photo, without JavaScript."""

import io
import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import ChoiceField
from django.urls import reverse
from django.utils import translation
from PIL import Image

from ballots.combinations import rules_for
from ballots.counting import RULES
from ballots.frozen import freeze
from ballots.models import Option, Question
from ballots.rules import is_complete
from tests.factories.ballots import add_question, make_forms_vote, make_open_vote, make_vote, open_by_two

pytestmark = pytest.mark.django_db

FORMS = list(Question.Form)


def page_of(name, vote, *more):
    return reverse(f"vote:{name}", args=[vote.pk, *more])


def main_of(response):
    return response.content.decode().split("<main", 1)[-1]


def text_of(response):
    return " ".join(unescape(re.sub(r"(?s)<(script|style|svg).*?</\1>|<[^>]+>", " ", main_of(response))).split())


def names_on(response):
    """Names of the fields on a page, without those of the rows of options."""
    names = set(re.findall(r'<(?:input|select|textarea)[^>]*\bname="([^"]+)"', main_of(response)))
    return {name for name in names if not name.startswith("options-")} - {"csrfmiddlewaretoken"}


def rows(*titles, initial=0, **fields):
    """The formset of options with these titles."""
    data = {"options-TOTAL_FORMS": len(titles), "options-INITIAL_FORMS": initial}
    for number, title in enumerate(titles):
        data[f"options-{number}-title"] = title
    return data | fields


# What staff fill in for each form; the rest has its usual value on the page.
ASKED = {
    "yes_no": {"title": "Moet het park open?", "rule": "plurality", "seats": "1", "min_votes": "0", "tie": "lot"},
    "choice": {"title": "Welk plan?", "rule": "plurality", "seats": "1", "min_votes": "0", "tie": "lot"},
    "approval": {"max_options": "3", "rule": "approval", "seats": "2", "min_votes": "5", "tie": "most_votes"},
    "ranking": {"complete": "on", "rule": "borda", "seats": "1", "convention": "zero", "tie": "declared_order"},
    "score": {"lowest": "0", "highest": "10", "rule": "score", "seats": "1", "min_votes": "0", "tie": "lot"},
    "points": {"points": "12", "complete": "on", "rule": "points", "seats": "1", "min_votes": "0", "tie": "lot"},
    "knapsack": {"max_sum": "5000", "rule": "greedy", "budget": "5000.50", "min_votes": "0", "tie": "lowest_cost"},
}
USUAL = {
    "title": "Wat kiest u?",
    "option_order": "fixed",
    "convention": "average",
    "strength": "margins",
    "draw": "half",
    "when_full": "skip",
    "increment": "none",
    "completion": "none",
}
STORED = {
    "approval": {"rule": "approval", "seats": 2, "min_votes": 5, "tie": ["most_votes"]},
    "ranking": {"rule": "borda", "seats": 1, "convention": "zero", "tie": ["declared_order"]},
    "score": {"rule": "score", "seats": 1, "min_votes": 0, "highest": 10, "tie": ["lot"]},
    "points": {"rule": "points", "seats": 1, "min_votes": 0, "per_ballot": 12, "tie": ["lot"]},
    "knapsack": {"rule": "greedy", "min_votes": 0, "when_full": "skip", "tie": ["lowest_cost"]},
}


@pytest.fixture
def draft(site_root, anna):
    vote = make_vote(options=[])
    vote.questions.all().delete()
    return vote


@pytest.fixture
def client(dirk, client_for):
    return client_for(dirk)


def write(client, vote, form, *titles, **fields):
    options = {} if form == "yes_no" else rows(*(titles or ("Park", "Plein")))
    data = {**USUAL, **ASKED[form], **options, **fields}
    return client.post(page_of("new_question", vote, form), data)


@pytest.mark.parametrize("form", FORMS)
def test_question_of_every_form_is_written_and_can_be_opened(draft, client, form):
    costs = {"options-0-cost": "1250.50", "options-1-cost": "999"} if form == "knapsack" else {}
    answer = write(client, draft, form, **costs)
    assert answer.headers["Location"] == page_of("inspect", draft)
    question = draft.questions.get()
    assert (question.number, question.reference, question.form) == (1, "1", form)
    if form in STORED:
        assert question.counting == STORED[form]
    titles = ("Ja", "Nee") if form == "yes_no" else ("Park", "Plein")
    assert list(question.options.values_list("number", "reference", "title")) == [
        (1, "1", titles[0]),
        (2, "2", titles[1]),
    ]
    if form == "knapsack":
        assert (question.budget, question.max_sum) == (5000_50, 5000_00)
        assert list(question.options.values_list("cost", flat=True)) == [1250_50, 999_00]
    else:
        assert question.budget is None
    assert is_complete(freeze(draft))
    assert open_by_two(draft).state == "open"


@pytest.mark.parametrize("form", FORMS)
def test_page_has_the_settings_of_its_form_and_rules_and_no_others(draft, client, form):
    """Mutant killed: a page that shows every setting there is."""
    names = names_on(client.get(page_of("new_question", draft, form)))
    limits = {
        "yes_no": set(),
        "choice": set(),
        "approval": {"max_options"},
        "ranking": {"complete"},
        "score": {"lowest", "highest"},
        "points": {"points", "complete"},
        "knapsack": {"max_sum"},
    }[form]
    of_options = set() if form == "yes_no" else {"option_order", "argument_length"}
    counted = {
        "ranking": {"seats", "convention", "strength", "draw"},
        "yes_no": {"seats", "min_votes"},
        "choice": {"seats", "min_votes"},
        "knapsack": {"min_votes", "budget", "when_full", "increment", "completion"},
    }.get(form, {"seats", "min_votes", "budget", "when_full", "increment", "completion"})
    assert names == {"title", "text", "rule", "tie"} | limits | of_options | counted


@pytest.mark.parametrize("form", FORMS)
def test_every_rule_that_is_offered_can_be_saved(draft, client, form):
    for number, rule in enumerate(rules_for(form), start=1):
        tie = next(iter(RULES[rule].settings.TIES))
        answer = write(client, draft, form, rule=rule, tie=tie, budget="5000", seats="1")
        assert answer.status_code == 302, (rule, text_of(answer))
        assert Question.objects.get(vote=draft, number=number).counting["rule"] == rule


def test_rules_that_are_not_there_are_not_offered(draft, client, monkeypatch):
    without = {key: rule for key, rule in RULES.items() if key != "schulze"}
    monkeypatch.setattr("ballots.combinations.RULES", without)
    page = client.get(page_of("new_question", draft, "ranking"))
    assert 'value="borda"' in main_of(page)
    assert 'value="schulze"' not in main_of(page)
    for rule in rules_for("choice"):
        del without[rule]
    assert "/choice/" not in main_of(client.get(page_of("add_question", draft)))
    assert client.get(page_of("new_question", draft, "choice")).status_code == 404


@pytest.mark.parametrize(
    ("form", "fields", "word"),
    [
        ("approval", {"max_options": ""}, "required"),
        ("approval", {"max_options": "0"}, "1"),
        ("approval", {"rule": "greedy"}, "cost together"),
        ("approval", {"rule": "schulze"}, "schulze"),
        ("approval", {"tie": "lowest_cost"}, "does not know this way"),
        ("ranking", {"rule": "instant-runoff", "seats": "2"}, "instant-runoff elects one"),
        ("score", {"lowest": "5", "highest": "5"}, "higher than the lowest"),
        ("points", {"points": "0"}, "1"),
        ("knapsack", {"max_sum": ""}, "required"),
        ("knapsack", {"budget": "veel"}, "number"),
        ("knapsack", {"budget": "-1"}, "0"),
        ("choice", {"title": ""}, "required"),
        ("choice", {"min_votes": "-1"}, "0"),
        ("choice", {"options-0-title": "", "options-0-text": "Zonder naam"}, "required"),
    ],
)
def test_wrong_question_is_shown_again(draft, client, form, fields, word):
    with translation.override("en"):
        answer = write(client, draft, form, HTTP_ACCEPT_LANGUAGE="en", **fields)
    assert answer.status_code == 200
    assert not draft.questions.exists()
    errors = str(answer.context["form"].errors) + str(getattr(answer.context["options"], "errors", ""))
    assert errors.strip("[{}] ,")


def test_unknown_form_does_not_exist(draft, client):
    assert client.get(page_of("new_question", draft, "magic")).status_code == 404


# --- Several questions ------------------------------------------------------------------------------------------------


def test_several_questions_have_their_own_options_numbered_through(draft, client):
    write(client, draft, "choice", "A", "B")
    write(client, draft, "yes_no")
    write(client, draft, "ranking", "C", "D", "E")
    found = Option.objects.filter(vote=draft).values_list("question__number", "number", "reference", "title")
    assert list(found.order_by("number")) == [
        (1, 1, "1", "A"),
        (1, 2, "2", "B"),
        (2, 3, "3", "Ja"),
        (2, 4, "4", "Nee"),
        (3, 5, "5", "C"),
        (3, 6, "6", "D"),
        (3, 7, "7", "E"),
    ]
    page = text_of(client.get(page_of("inspect", draft)))
    assert page.index("Welk plan?") < page.index("Moet het park open?") < page.index("Wat kiest u?")


def test_options_are_changed_added_deleted_and_put_in_order(draft, client):
    """References stay with their options, so that nothing that was written about them goes astray."""
    write(client, draft, "choice", "A", "B", "C")
    write(client, draft, "yes_no")
    ids = list(Option.objects.filter(question__number=1).values_list("pk", flat=True))
    data = {**USUAL, **ASKED["choice"], **rows("A", "Bee", "C", "D", "", initial=3)}
    data |= {f"options-{place}-id": pk for place, pk in enumerate(ids)}
    data |= {"options-0-DELETE": "on", "options-0-ORDER": "1", "options-1-ORDER": "3", "options-2-ORDER": "2"}
    assert client.post(page_of("edit_question", draft, 1), data).status_code == 302
    found = Option.objects.filter(vote=draft).order_by("number").values_list("number", "reference", "title")
    assert list(found) == [(1, "3", "C"), (2, "2", "Bee"), (3, "1", "D"), (4, "4", "Ja"), (5, "5", "Nee")]


def test_question_is_edited_with_what_is_stored(draft, client):
    write(client, draft, "knapsack", "Park", "Plein", **{"options-0-cost": "1250.50"})
    page = client.get(page_of("edit_question", draft, 1))
    content = main_of(page)
    assert 'value="5000.50"' in content or 'value="5000,50"' in content
    assert 'value="1250.50"' in content or 'value="1250,50"' in content
    assert re.search(r'<option value="lowest_cost" selected', content)
    again = client.post(page_of("edit_question", draft, 1), {**filled_in(page), "more": "on"})
    assert again.headers["Location"] == page_of("edit_question", draft, 1)
    question = draft.questions.get()
    assert (question.counting, question.budget, question.options.count()) == (STORED["knapsack"], 5000_50, 2)


def filled_in(page):
    """Everything a browser would send back."""
    data = {}
    for form in [page.context["form"], page.context["options"].management_form, *page.context["options"].forms]:
        for bound in form:
            value = bound.field.prepare_value(bound.value())
            if value is None and isinstance(bound.field, ChoiceField):
                value = bound.field.choices[0][0]
            if value is not None and value is not False and value != "":
                data[bound.html_name] = "on" if value is True else str(value)
    return data


def test_question_is_moved_up_and_deleted(draft, client):
    write(client, draft, "choice", "A", "B")
    write(client, draft, "yes_no")
    client.post(page_of("move_question", draft, 2))
    assert list(draft.questions.values_list("number", "form")) == [(1, "yes_no"), (2, "choice")]
    found = Option.objects.filter(vote=draft).order_by("number").values_list("title", flat=True)
    assert list(found) == ["Ja", "Nee", "A", "B"]
    client.post(page_of("move_question", draft, 1))
    assert list(draft.questions.values_list("form", flat=True)) == ["yes_no", "choice"]
    assert "Moet het park open?" in text_of(client.get(page_of("delete_question", draft, 1)))
    client.post(page_of("delete_question", draft, 1))
    assert list(draft.questions.values_list("number", "form")) == [(1, "choice")]
    assert list(Option.objects.filter(vote=draft).values_list("number", "title")) == [(1, "A"), (2, "B")]


def test_neither_is_an_option_that_can_win_and_only_where_one_is_chosen(draft, client):
    write(client, draft, "choice", "A", "B")
    write(client, draft, "yes_no")
    assert client.post(page_of("add_neither", draft, 1)).status_code == 302
    assert client.post(page_of("add_neither", draft, 2)).status_code == 404
    found = Option.objects.filter(vote=draft).order_by("number").values_list("number", "title")
    assert list(found) == [(1, "A"), (2, "B"), (3, "Geen van deze"), (4, "Ja"), (5, "Nee")]
    assert len(set(draft.options.values_list("reference", flat=True))) == 5


# --- Words and photos ---------------------------------------------------------------------------------------------------


def test_supporters_and_opponents_have_the_same_room(draft, client):
    write(client, draft, "choice", "A", "B", argument_length="60")
    page = client.get(page_of("edit_question", draft, 1))
    assert 'name="options-0-argument_for"' in main_of(page)
    right = {"options-0-argument_for": "x" * 60, "options-0-argument_against": "y" * 60}
    assert client.post(page_of("edit_question", draft, 1), filled_in(page) | right).status_code == 302
    option = Option.objects.get(vote=draft, number=1)
    assert (len(option.argument_for), len(option.argument_against)) == (60, 60)
    for name in ("argument_for", "argument_against"):
        wrong = client.post(page_of("edit_question", draft, 1), filled_in(page) | {f"options-0-{name}": "x" * 61})
        assert wrong.status_code == 200
    Option.objects.filter(pk=option.pk).update(argument_for="x" * 61)
    with translation.override("en"):
        assert "longer than 60 characters" in is_complete(freeze(draft)).reason


def photo(color="red"):
    file = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(file, "JPEG")
    return SimpleUploadedFile("foto.jpg", file.getvalue(), "image/jpeg")


def test_option_has_a_photo_that_everybody_sees_once_the_vote_is_open(draft, client, client_for, settings, tmp_path):
    settings.UPLOADS_ROOT = tmp_path
    write(client, draft, "choice", "A", "B", **{"options-0-photo": photo(), "options-0-image_alt": "Het park"})
    option = Option.objects.get(vote=draft, number=1)
    public = reverse("ballots:photo", args=[draft.pk, 1])
    assert client_for().get(public).status_code == 404
    assert b"".join(client.get(page_of("photo", draft, 1))).startswith(b"RIFF")
    open_by_two(draft)
    for url in (public, public + "?klein"):
        assert b"".join(client_for().get(url)).startswith(b"RIFF")
    assert client_for().get(reverse("ballots:photo", args=[draft.pk, 2])).status_code == 404
    page = client_for().get(reverse("ballots:choose", args=[draft.pk])).content.decode()
    assert f'src="{public}?klein"' in page
    assert 'alt="Het park"' in page
    assert option.image.name


def test_photo_needs_words_and_can_be_taken_away(draft, client, settings, tmp_path, django_capture_on_commit_callbacks):
    settings.UPLOADS_ROOT = tmp_path
    assert write(client, draft, "choice", "A", "B", **{"options-0-photo": photo()}).status_code == 200
    write(client, draft, "choice", "A", "B", **{"options-0-photo": photo(), "options-0-image_alt": "Het park"})
    assert len(list(tmp_path.rglob("*.webp"))) == 2
    page = client.get(page_of("edit_question", draft, 1))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page_of("edit_question", draft, 1), filled_in(page) | {"options-0-without_photo": "on"})
    option = Option.objects.get(vote=draft, number=1)
    assert (option.image.name, option.image_alt) == ("", "")
    assert not list(tmp_path.rglob("*.webp"))


@pytest.mark.parametrize("name", ["delete_question", "delete"])
def test_photo_goes_with_its_question_and_its_vote(
    draft, client, settings, tmp_path, django_capture_on_commit_callbacks, name
):
    settings.UPLOADS_ROOT = tmp_path
    write(client, draft, "choice", "A", "B", **{"options-0-photo": photo(), "options-0-image_alt": "Het park"})
    assert len(list(tmp_path.rglob("*.webp"))) == 2
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page_of(name, draft, *([1] if name == "delete_question" else [])))
    assert not Option.objects.exists()
    assert not list(tmp_path.rglob("*.webp"))


# --- Side doors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["dirk", "clerk"])
def test_questions_of_an_opened_vote_stay(site_root, request, anna, client_for, who):
    vote, client = make_open_vote(), client_for(request.getfixturevalue(who))
    before = freeze(vote).questions
    for name, more in (
        ("add_question", ()),
        ("new_question", ("choice",)),
        ("edit_question", (1,)),
        ("delete_question", (1,)),
        ("move_question", (1,)),
        ("add_neither", (1,)),
    ):
        data = {**USUAL, **ASKED["choice"], **rows("X", "Y")}
        assert client.post(page_of(name, vote, *more), data).headers["Location"] == page_of("inspect", vote)
    assert freeze(vote).questions == before
    assert "vote:edit" not in main_of(client.get(page_of("inspect", vote)))


@pytest.mark.parametrize("who", ["eva", "auditor", "anna", "nobody"])
def test_nobody_else_writes_questions(site_root, request, anna, client_for, who):
    vote = make_forms_vote("choice", "yes_no")
    client = client_for(None if who == "nobody" else request.getfixturevalue(who))
    before = freeze(vote).questions
    for name, more in (
        ("new_question", ("choice",)),
        ("edit_question", (1,)),
        ("delete_question", (1,)),
        ("move_question", (2,)),
        ("add_neither", (1,)),
    ):
        answer = client.post(page_of(name, vote, *more), {**USUAL, **ASKED["choice"], **rows("X", "Y")})
        assert answer.status_code in (302, 403)
    assert freeze(vote).questions == before


@pytest.mark.parametrize("who", ["auditor", "dirk"])
def test_only_who_may_change_a_vote_sees_the_pages_that_do(site_root, request, anna, client_for, who):
    """Mutant killed: pages of questions for whoever may see a vote. Allowed and forbidden share their set-up."""
    vote, client = make_forms_vote("choice"), client_for(request.getfixturevalue(who))
    pages = [("add_question", ()), ("new_question", ("choice",)), ("edit_question", (1,)), ("delete_question", (1,))]
    codes = {client.get(page_of(name, vote, *more)).status_code for name, more in pages}
    assert codes == ({200} if who == "dirk" else {302})


def test_opening_page_shows_everything(site_root, anna, dirk, client_for):
    vote = make_vote()
    add_question(vote, "ranking", title="Zet op volgorde", option_order="random", argument_length=50)
    Option.objects.filter(question__number=2, number=5).update(
        text="Met water.", argument_for="Mooi", argument_against="Duur"
    )
    text = text_of(client_for(dirk).get(page_of("open", vote)))
    for words in ("Welke plannen kiest u?", "Zet op volgorde", "Met water.", "Mooi", "Duur", "Speeltuin", "40.000"):
        assert words in text
    assert "door loting" in text
