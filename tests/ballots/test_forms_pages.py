"""Every form of ballot in the browser's way, without JavaScript: fill in, check, cast, look up, change, and what is refused."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone, translation

from ballots.actions import close_vote, count_vote, publish_result
from ballots.codes import new_code
from ballots.models import Ballot, Option, Question
from tests.ballots.clocks import database_clock
from tests.ballots.test_voting_pages import code_on, en, hidden_fields, text_of, url
from tests.factories.ballots import FORMS, cast_answers, make_forms_vote, make_voters, open_by_two

pytestmark = pytest.mark.django_db

# For every form: what is sent, what the box keeps, what the check page says.
FILLED = {
    "yes_no": ({"choice-1": "1"}, ["1a"], "Ja"),
    "choice": ({"choice-1": "3"}, ["1c"], "Fietsenrek"),
    "approval": ({"choice-1": ["4", "1"]}, ["1a", "1d"], "You have chosen 2 of 2."),
    "ranking": ({"rank-3": "1", "rank-1": "2"}, ["1c", "1a"], "Fietsenrek Speeltuin"),
    "score": ({"score-1": "5", "score-2": "1", "score-3": ""}, {"1a": 5, "1b": 1}, "Speeltuin: score 5"),
    "points": (
        {"points-1": "7", "points-2": "0", "points-4": "1"},
        {"1a": 7, "1d": 1},
        "Points given: 8. Points left: 2.",
    ),
    "knapsack": ({"choice-1": ["2"]}, ["1b"], "You can spend €90,000 more."),
}


@pytest.fixture
def open_form(site_root, anna, bram):
    """Opens a vote with these forms."""
    return lambda *forms, **fields: open_by_two(make_forms_vote(*forms, **fields))


def check(client, vote, fields):
    return client.post(en("choose", vote), {**fields, "step": "check"})


def stored(vote):
    return json.loads(Ballot.objects.get(vote=vote).payload)["answers"]


def complaint(page):
    """The lines of the error summary, and whether each leads to a control on the page."""
    content = page.content.decode()
    summary = re.search(r'(?s)class="[^"]*pm-error-summary".*?</section>', content)
    assert summary, text_of(page)
    assert "<title>Error: " in content
    lines = re.findall(r'href="#([^"]+)">([^<]+)</a>', summary.group(0))
    assert all(f'id="{target}"' in content for target, _text in lines)
    return [unescape(text) for _target, text in lines]


# --- The straight way --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FILLED)
def test_form_is_filled_in_checked_cast_looked_up_and_changed(open_form, anna, client_for, form):
    fields, answer, shown = FILLED[form]
    vote, client = open_form(form), client_for(anna)
    assert client.get(url("choose", vote)).status_code == 200
    checked = check(client, vote, fields)
    assert shown in text_of(checked)
    assert not Ballot.objects.exists()
    receipt = client.post(en("cast", vote), hidden_fields(checked, en("cast", vote)))
    assert receipt.status_code == 200
    assert stored(vote) == {"1": answer}

    code = code_on(checked)
    assert "This ballot is in the box." in text_of(client.post(en("look_up", vote), {"code": code}))
    again = client.post(en("change", vote), {"code": code})
    # The ballot comes back as it was: checking it once more gives the same answer.
    same = check(client, vote, typed_on(again) | hidden_fields(again, en("choose", vote)))
    assert shown in text_of(same)
    blank = {"choice-1": "blank"} if form in ("yes_no", "choice") else {"blank-1": "on"}
    changed = check(client, vote, {**blank, "code": code, "replaces": "1"})
    client.post(en("cast", vote), hidden_fields(changed, en("cast", vote)))
    assert not stored(vote)["1"]
    assert Ballot.objects.get(vote=vote).version == 2


def typed_on(page):
    """What is filled in on a ballot: ticked boxes, chosen places, typed numbers."""
    content = page.content.decode()
    fields = {}
    for tag in re.findall(r"<input[^>]*>", content):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if " checked" in tag or (found.get("type") == "text" and found.get("value")):
            fields.setdefault(found["name"], []).append(found.get("value", "on"))
    for name, options in re.findall(r'(?s)<select name="([^"]+)".*?>(.*?)</select>', content):
        if chosen := re.search(r'<option value="([^"]+)" selected', options):
            fields[name] = [chosen.group(1)]
    return fields


def test_several_questions_are_one_ballot_with_one_receipt(open_form, anna, client_for):
    vote, client = open_form("yes_no", "ranking", "points"), client_for(anna)
    page = client.get(en("choose", vote))
    assert page.content.decode().count("<fieldset") == 3
    fields = {"choice-1": "2", "rank-4": "1", "rank-3": "2", "blank-3": "on"}
    checked = check(client, vote, fields)
    text = text_of(checked)
    assert text.index("Vraag over yes_no") < text.index("Vraag over ranking") < text.index("Vraag over points")
    assert "Blank: none of the options." in text
    client.post(en("cast", vote), hidden_fields(checked, en("cast", vote)))
    assert stored(vote) == {"1": ["1b"], "2": ["2b", "2a"], "3": {}}
    assert Ballot.objects.count() == 1


def test_each_question_is_counted_apart_and_has_its_section(open_form, anna, bram, clerk, client_for):
    vote = open_form("yes_no", "ranking", "score", "points", "approval", "choice", "knapsack")
    blank = {"2": [], "3": {}, "4": {}, "5": [], "6": [], "7": []}
    full = {"2": ["2c", "2a"], "3": {"3b": 5}, "4": {"4d": 10}, "5": ["5a", "5b"], "6": ["6c"], "7": ["7a"]}
    cast_answers(vote, anna, {"1": ["1a"], **full})
    cast_answers(vote, bram, {"1": ["1b"], **blank})
    with database_clock(vote.closes_at):
        close_vote(vote)
    seal = count_vote(vote)
    result = json.loads(seal.result)["questions"]
    assert {reference: found["winners"] for reference, found in result.items() if reference != "1"} == {
        "2": ["2c"],
        "3": ["3b"],
        "4": ["4d"],
        "5": [result["5"]["winners"][0]],
        "6": ["6c"],
        "7": ["7a"],
    }
    assert result["1"]["ties"][0]["by"] == "lot"
    assert len({found["settings"]["seed"] for found in result.values()}) == 7
    assert (seal.blank, seal.blank_answers) == (0, {"1": 0} | dict.fromkeys("234567", 1))
    publish_result(vote, actor=clerk)
    text = text_of(Client().get(en("vote", vote)))
    for form in FORMS:
        assert f"Vraag over {form}" in text
    assert "1 person left this question blank." in text
    assert "First choices" in text
    assert "Won" in text


# --- What is wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "fields", "lines"),
    [
        ("yes_no", {}, ["Choose an answer first. Blank is an answer too."]),
        ("choice", {}, ["Choose an answer first. Blank is an answer too."]),
        ("approval", {}, ["Choose something first, or tick that you vote blank."]),
        ("ranking", {}, ["Give at least one option a place, or tick that you vote blank."]),
        ("score", {}, ["Give at least one option a score, or tick that you vote blank."]),
        ("points", {"points-1": "0"}, ["Give at least one option a point, or tick that you vote blank."]),
        (
            "ranking",
            {"rank-1": "1", "rank-2": "1"},
            ["“Speeltuin” and “Bankjes” both have place 1. Give each a place of its own."],
        ),
        (
            "ranking",
            {"rank-1": "1", "rank-4": "3"},
            ["Place 2 is empty: “Speeltuin” has 1 and “Bomen” has 3."],
        ),
        ("points", {"points-1": "7", "points-2": "5"}, ["You gave 12 of 10 points. That is 2 too many."]),
        ("points", {"points-1": "drie"}, ["Fill in a whole number at “Speeltuin”."]),
        ("points", {"points-1": "-1"}, ["Fill in a whole number at “Speeltuin”."]),
        ("points", {"points-1": "1,5"}, ["Fill in a whole number at “Speeltuin”."]),
        ("points", {"points-1": "9" * 30}, ["Fill in a whole number at “Speeltuin”."]),
        (
            "ranking",
            {"rank-1": "1", "blank-1": "on"},
            ["You chose something and ticked blank as well. Take one of them away."],
        ),
        ("approval", {"choice-1": ["1", "2", "3"]}, ["You chose 3. You can choose 2 at most: take 1 away."]),
    ],
)
def test_what_is_wrong_is_said_and_linked_and_nothing_typed_is_lost(open_form, anna, client_for, form, fields, lines):
    vote, client = open_form(form), client_for(anna)
    page = check(client, vote, fields)
    assert complaint(page) == lines
    sent = {name: value if isinstance(value, list) else [value[:20]] for name, value in fields.items()}
    assert typed_on(page) == sent
    forced = client.post(en("cast", vote), {**fields, "code": new_code()})
    assert forced.status_code == 400
    assert not Ballot.objects.exists()


FORGED = [
    ("yes_no", {"choice-1": "99"}),
    ("yes_no", {"choice-1": ["1", "2"]}),
    ("choice", {"choice-1": "x"}),
    ("choice", {"choice-1": ["1", "blank"]}),
    ("approval", {"choice-1": ["1", "blank"]}),
    ("approval", {"choice-1": ["1", "1"]}),
    ("ranking", {"rank-1": "5"}),
    ("ranking", {"rank-1": "0"}),
    ("ranking", {"rank-1": ["1", "2"]}),
    ("ranking", {"rank-1": "1", "rank-9": "2"}),
    ("ranking", {"choice-1": "1"}),
    ("ranking", {"rank-1": "²"}),
    ("score", {"score-1": "6"}),
    ("score", {"score-1": "-1"}),
    ("score", {"points-1": "1"}),
    ("points", {"points-1": "1", "points-77": "1"}),
    ("points", {"points-1": ["1", "2"]}),
    ("knapsack", {"choice-2": "1"}),
]


@pytest.mark.parametrize(("form", "fields"), FORGED)
def test_forged_ballot_is_refused(open_form, anna, client_for, form, fields):
    """Unknown options, doubled controls, controls of another form. Mutant killed: fields that no question has are passed over."""
    vote, client = open_form(form), client_for(anna)
    for answer in (check(client, vote, fields), client.post(en("cast", vote), {**fields, "code": new_code()})):
        assert "not on the ballot" in text_of(answer)
    assert not Ballot.objects.exists()


def test_option_of_another_question_or_vote_is_refused(open_form, anna, client_for):
    open_form("choice")
    vote, client = open_form("choice", "approval"), client_for(anna)
    for fields in ({"choice-1": "5", "blank-2": "on"}, {"choice-1": "1", "choice-2": ["1"]}):
        page = client.post(en("cast", vote), {**fields, "code": new_code()})
        assert page.status_code == 400
        assert "not on the ballot" in text_of(page)
    assert not Ballot.objects.exists()


def test_error_stands_at_its_own_question(open_form, anna, client_for):
    vote, client = open_form("approval", "approval"), client_for(anna)
    page = check(client, vote, {"choice-1": ["1"], "choice-2": ["5", "6", "7"]})
    assert 'href="#id_choice-2_0"' in page.content.decode()
    first, second = page.content.decode().split('id="question-2"')
    assert "take 1 away" not in first.split("</section>", 1)[-1].split("question-1")[-1]
    assert "take 1 away" in second


def test_everything_wrong_is_said_at_once(open_form, anna, client_for):
    vote, client = open_form("ranking", "points"), client_for(anna)
    page = check(client, vote, {"rank-1": "2", "rank-2": "2", "points-5": "11"})
    assert complaint(page) == [
        "No option has place 1. “Speeltuin” has place 2.",
        "“Speeltuin” and “Bankjes” both have place 2. Give each a place of its own.",
        "You gave 11 of 10 points. That is 1 too many.",
    ]


@pytest.mark.parametrize(
    ("form", "fields", "line"),
    [
        ("knapsack", {"choice-1": ["1", "3", "4"]}, "Your choices cost €125,000. That is €25,000 too much."),
        ("approval", {"choice-1": ["1", "3", "4"]}, "You have chosen 3 of 2. That is 1 too many."),
        ("points", {"points-1": "13"}, "Points given: 13. That is 3 too many."),
        ("points", {"points-1": "3"}, "Points given: 3. Points left: 7."),
    ],
)
def test_server_adds_up_also_past_the_limit(open_form, anna, client_for, form, fields, line):
    """It said "You can spend € 0 more" of a ballot that was too dear."""
    page = client_for(anna).post(en("choose", open_form(form)), {**fields, "step": "sum"})
    assert line in text_of(page)
    assert "pm-error-summary" not in page.content.decode()


@pytest.mark.parametrize("form", ["yes_no", "choice", "ranking", "score"])
def test_form_without_a_limit_has_nothing_to_add_up(open_form, form):
    assert "Add up" not in text_of(Client().get(en("choose", open_form(form))))


# --- Kept while logging in ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FILLED)
def test_choices_of_every_form_survive_a_log_in(open_form, anna, form):
    fields, answer, _shown = FILLED[form]
    vote, client = open_form(form), Client()
    assert check(client, vote, fields).status_code == 403
    client.force_login(anna.user, backend="django.contrib.auth.backends.ModelBackend")
    back = client.get(en("choose", vote))
    assert "Here are the choices you made before you logged in." in text_of(back)
    checked = check(client, vote, typed_on(back))
    client.post(en("cast", vote), hidden_fields(checked, en("cast", vote)))
    assert stored(vote) == {"1": answer}


# --- The order of the options --------------------------------------------------------------------------------


def order_on(page):
    return [int(number) for number in re.findall(r'name="choice-1" value="(\d+)"', page.content.decode())]


def test_drawn_order_is_the_same_for_one_voter_on_every_page(open_form, anna, client_for):
    vote = open_form("approval", option_order="random")
    client = client_for(anna)
    orders = {tuple(order_on(client.get(url("choose", vote)))) for _visit in range(3)}
    orders.add(tuple(order_on(check(client, vote, {"choice-1": ["1", "2", "3"]}))))
    orders.add(tuple(order_on(client_for(anna).get(url("choose", vote)))))
    assert len(orders) == 1
    assert sorted(orders.pop()) == [1, 2, 3, 4]


def test_drawn_order_differs_between_voters_and_says_nothing_of_them(open_form, places, client_for):
    """Kills the mutant that draws one order for everybody."""
    from ballots.frozen import frozen_vote
    from ballots.option_order import in_order_of, seed_of
    from ballots.voters import voter_behind

    voters = make_voters(40, places.harbour)
    vote = frozen_vote(open_form("approval", option_order="random").pk)
    orders = [
        tuple(option.number for option in in_order_of(vote.questions[0], seed_of(vote, voter_behind(voter), "")))
        for voter in voters
    ]
    assert len(set(orders)) > 10
    assert {order[0] for order in orders} == {1, 2, 3, 4}


def test_visitor_keeps_the_order_while_filling_in(open_form):
    vote, client = open_form("approval", option_order="random"), Client()
    page = client.get(url("choose", vote))
    seed = re.search(r'name="order" value="([0-9a-f]{16})"', page.content.decode()).group(1)
    for _try in range(3):
        again = client.post(url("choose", vote), {"order": seed, "choice-1": ["1"], "step": "sum"})
        assert order_on(again) == order_on(page)
    forged = client.post(url("choose", vote), {"order": "<script>", "step": "sum"})
    assert "<script>" not in forged.content.decode().split("<main")[1]


def test_fixed_order_is_that_of_the_ballot(open_form, anna, client_for):
    assert order_on(client_for(anna).get(url("choose", open_form("approval")))) == [1, 2, 3, 4]


# --- What stands with an option ------------------------------------------------------------------------------


def test_words_of_supporters_and_opponents_stand_with_the_option(site_root, anna, client_for):
    vote = make_forms_vote("choice", argument_length=100)
    Option.objects.filter(vote=vote, number=1).update(argument_for="Goed voor kinderen.", argument_against="Te duur.")
    open_by_two(vote)
    for page in (client_for(anna).get(en("choose", vote)), Client().get(en("vote", vote))):
        text = text_of(page)
        assert "What supporters say Goed voor kinderen." in text
        assert "What opponents say Te duur." in text


# --- Without money ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [form for form in FORMS if form != "knapsack"])
def test_vote_without_money_can_be_published_by_who_opened_it(site_root, anna, clerk, form):
    """Publishing needs another person than opening for money only."""
    vote = open_by_two(make_forms_vote(form), actor=clerk)
    with database_clock(vote.closes_at):
        close_vote(vote)
    count_vote(vote)
    publish_result(vote, actor=clerk)
    assert vote.state == "published"


@pytest.mark.parametrize(
    ("form", "rule"),
    [("ranking", "plurality"), ("choice", "schulze"), ("yes_no", "greedy"), ("score", "points"), ("points", "borda")],
)
def test_form_is_counted_only_by_a_rule_that_can(site_root, anna, form, rule):
    from people.verdict import NotAllowed

    vote = make_forms_vote(form)
    Question.objects.filter(vote=vote).update(counting={"rule": rule}, budget=100)
    with translation.override("en"), pytest.raises(NotAllowed, match="cannot count this form"):
        open_by_two(vote)


def test_rule_that_names_an_unknown_option_is_refused(site_root, anna):
    from people.verdict import NotAllowed

    vote = make_forms_vote("knapsack")
    settings = {"rule": "greedy", "exclusive": [["1a", "weg"]]}
    Question.objects.filter(vote=vote).update(counting=settings)
    with translation.override("en"), pytest.raises(NotAllowed, match="option weg"):
        open_by_two(vote)


# --- Practising ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FILLED)
def test_practice_is_the_same_form_and_check_and_stores_nothing(open_form, form):
    fields, _answer, shown = FILLED[form]
    vote, client = open_form(form), Client()
    page = client.get(en("practise", vote))
    assert "This is practice" in text_of(page)
    checked = client.post(en("practise", vote), {**fields, "step": "check"})
    text = text_of(checked)
    assert shown in text
    assert "This is practice" in text
    content = checked.content.decode()
    assert 'name="code"' not in content
    assert en("cast", vote) not in content
    assert not Ballot.objects.exists()
    assert "ballot-choices" not in client.cookies
    wrong = client.post(en("practise", vote), {"step": "check"})
    assert complaint(wrong)


def test_practice_is_for_everybody_before_the_vote_opens_and_ends_with_it(site_root, anna, eva, client_for):
    vote = open_by_two(make_forms_vote("choice"))
    tomorrow = timezone.now() + timedelta(days=1)
    coming = open_by_two(make_forms_vote("choice", opens_at=tomorrow, closes_at=tomorrow + timedelta(days=1)))
    for person in (None, anna, eva):
        client = client_for(person) if person else Client()
        assert client.get(en("practise", coming)).status_code == 200
    with database_clock(vote.closes_at):
        assert Client().get(en("practise", vote)).headers["Location"] == en("vote", vote)
    assert Client().get(en("practise", make_forms_vote("choice"))).status_code == 404


def test_practice_page_has_the_choices_back(open_form):
    vote, client = open_form("ranking"), Client()
    checked = client.post(en("practise", vote), {"rank-2": "1", "step": "check"})
    back = client.post(en("practise", vote), hidden_fields(checked, en("practise", vote)) | {"step": "change"})
    assert typed_on(back) == {"rank-2": ["1"]}


def test_texts_of_questions_and_options_are_text(site_root, anna, client_for):
    script = "<script>alert(1)</script>"
    vote = make_forms_vote("choice", "points", text=script)
    Question.objects.filter(vote=vote).update(title=script, text=script, argument_length=100)
    Option.objects.filter(vote=vote).update(
        title=script, text=script, argument_for=script, argument_against=script, image_alt=script
    )
    open_by_two(vote)
    client = client_for(anna)
    pages = [client.get(url(name, vote)) for name in ("vote", "choose", "practise")]
    pages.append(check(client, vote, {"choice-1": "1", "points-5": "1"}))
    for page in pages:
        assert page.status_code == 200
        assert script not in page.content.decode()


def test_question_costs_the_same_number_of_queries_as_ten(site_root, anna, client_for, django_assert_num_queries):
    one = open_by_two(make_forms_vote("choice"))
    many = open_by_two(make_forms_vote(*(["choice", "ranking"] * 5)))
    client = client_for(anna)
    for vote in (one, many):
        client.get(url("choose", vote))
        with django_assert_num_queries(5):
            client.get(url("choose", vote))
