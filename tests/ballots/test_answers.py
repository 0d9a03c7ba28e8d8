"""What an answer may be, for each form of ballot: what is refused, in which words, and what the box keeps."""

import json

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from ballots.answers import Standing, ballot_problems, blank_ballot, in_order, problems, rank_problems, standing_of
from ballots.ballot_form import BallotForm
from ballots.box import answers_in, payload_of
from ballots.canonical import canonical_json
from ballots.frozen import FrozenOption, FrozenQuestion, FrozenVote
from ballots.models import Question
from ballots.submission import submission_of

Form = Question.Form
TITLES = {"a": "Park", "b": "Plein", "c": "Brug", "d": "Tuin"}


def question(form, *, number=1, first=1, reference="1", titles=TITLES, **limits):
    """A frozen question with the options a, b, c, d at 10, 20, 30 and 40 cents."""
    options = tuple(
        FrozenOption(first + place, option, title, "", 10 * (place + 1), "", "", "", "", "")
        for place, (option, title) in enumerate(titles.items())
    )
    own = {
        "max_options": 2,
        "max_sum": 60,
        "lowest": 1,
        "highest": 5,
        "points": 10,
        "complete": False,
        "option_order": "fixed",
        "argument_length": None,
        "counting": {},
        "budget": None,
    }
    return FrozenQuestion(number, reference, "Wat kiest u?", "", str(form), **(own | limits), options=options)


def vote(*questions):
    empty = dict.fromkeys(FrozenVote.__dataclass_fields__)
    return FrozenVote(**(empty | {"pepper": b"p" * 32, "questions": questions, "electorates": ()}))


def said(asked, answer):
    with translation.override("en"):
        return [problem.text for problem in problems(asked, answer)]


# --- What is right ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        (Form.YES_NO, ["b"]),
        (Form.CHOICE, ["d"]),
        (Form.APPROVAL, ["a", "d"]),
        (Form.KNAPSACK, ["b", "d"]),
        (Form.RANKING, ["c", "a", "b"]),
        (Form.RANKING, ["c"]),
        (Form.SCORE, {"a": 1, "b": 5}),
        (Form.POINTS, {"a": 4, "d": 6}),
        (Form.POINTS, {"a": 1}),
    ],
)
def test_answer_within_the_limits_is_right(form, answer):
    assert said(question(form), answer) == []


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("complete", [True, False])
def test_blank_is_always_right(form, complete):
    asked = vote(question(form, complete=complete))
    assert ballot_problems(asked, blank_ballot(asked)) == []
    assert standing_of(blank_ballot(asked)) == Standing.BLANK


# --- What is wrong, in words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "limits", "answer", "sentence"),
    [
        (Form.YES_NO, {}, ["a", "b"], "Choose one option only."),
        (Form.CHOICE, {}, ["a", "c"], "Choose one option only."),
        (Form.APPROVAL, {}, ["a", "b", "c"], "You chose 3. You can choose 2 at most: take 1 away."),
        (
            Form.KNAPSACK,
            {},
            ["a", "b", "d"],
            "Your choices cost €0.70 together. That is €0.10 too much: you can spend €0.60.",
        ),
        (Form.RANKING, {"complete": True}, ["a", "b", "c"], "Give “Tuin” a place too."),
        (Form.SCORE, {}, {"a": 6}, "Give “Park” a score from 1 to 5."),
        (Form.SCORE, {"lowest": 2}, {"c": 1}, "Give “Brug” a score from 2 to 5."),
        (Form.POINTS, {}, {"a": 6, "b": 5}, "You gave 11 of 10 points. That is 1 too many."),
        (Form.POINTS, {}, {"a": -1, "b": 5}, "Give “Park” 0 points or more."),
        (Form.POINTS, {"complete": True}, {"a": 7}, "You gave 7 of 10 points. Give the other 3 too."),
    ],
)
def test_every_limit_has_its_sentence(form, limits, answer, sentence):
    """Mutants killed: any limit left out, or off by one (the answers of the test above stand at the limit)."""
    assert said(question(form, **limits), answer) == [sentence]


LISTS = (Form.YES_NO, Form.CHOICE, Form.APPROVAL, Form.KNAPSACK, Form.RANKING)
NOT_THERE = ["Your choices name something that is not on the ballot. Choose again."]


@pytest.mark.parametrize("form", LISTS)
@pytest.mark.parametrize("answer", [["z"], ["a", "z"], ["a", "a"], {"a": 1}, ["a", 1], "a", None, 1])
def test_what_is_no_list_of_options_is_refused(form, answer):
    assert said(question(form), answer) == NOT_THERE


@pytest.mark.parametrize("form", [Form.SCORE, Form.POINTS])
@pytest.mark.parametrize("answer", [{"z": 1}, {"a": "1"}, {"a": 1.5}, {"a": True}, {"a": None}, ["a"], "a", None])
def test_what_is_no_number_per_option_is_refused(form, answer):
    assert said(question(form), answer) == NOT_THERE


def test_every_question_has_its_own_answer():
    """A question left out, one too many, and an option of the other question."""
    first = question(Form.CHOICE)
    second = question(Form.APPROVAL, number=2, first=5, reference="2", titles={"e": "Ja", "f": "Nee"})
    both = vote(first, second)
    right = {"1": ["a"], "2": ["e", "f"]}
    assert ballot_problems(both, right) == []
    with translation.override("en"):
        for wrong in ({"1": ["a"]}, {**right, "3": []}, {"1": ["e"], "2": ["e"]}, {"1": ["a"], "2": ["a"]}, {}):
            assert [problem.text for problem in ballot_problems(both, wrong)] == NOT_THERE


# --- Places ------------------------------------------------------------------------------------------------


def placed(**places):
    options = question(Form.RANKING).option_by_reference
    with translation.override("en"):
        found = rank_problems([(options[reference], place) for reference, place in places.items()])
    return [(problem.text, problem.option.reference) for problem in found]


def test_places_without_gap_or_double_are_right():
    assert placed(c=1, a=2, b=3) == placed(a=1) == placed() == []


def test_double_place_names_both_options():
    sentence = "“Park” and “Brug” both have place 1. Give each a place of its own."
    assert placed(a=1, c=1) == [(sentence, "c")]


def test_place_left_out_names_both_options():
    assert placed(a=1, b=3) == [("Place 2 is empty: “Park” has 1 and “Plein” has 3.", "b")]
    assert placed(d=2) == [("No option has place 1. “Tuin” has place 2.", "d")]


def test_every_double_and_gap_is_said():
    assert [reference for _text, reference in placed(a=2, b=2, c=4, d=4)] == ["a", "b", "c", "d"]


# --- What the box keeps -----------------------------------------------------------------------------------


def test_lists_are_kept_in_the_order_of_the_ballot_and_rankings_in_their_own():
    asked = vote(question(Form.APPROVAL), question(Form.RANKING, number=2, first=5, reference="2"))
    kept = in_order(asked, {"1": ["c", "a"], "2": ["c", "a"]})
    assert kept == {"1": ["a", "c"], "2": ["c", "a"]}


def test_zeros_are_left_out():
    asked = vote(question(Form.POINTS), question(Form.SCORE, number=2, first=5, reference="2", lowest=0))
    assert in_order(asked, {"1": {"a": 0, "b": 3}, "2": {"a": 0}}) == {"1": {"b": 3}, "2": {}}


@st.composite
def ballots(draw):
    """A vote with one to three questions of any form, and a valid ballot of it."""
    questions, answers, first = [], {}, 1
    for number in range(1, draw(st.integers(1, 3)) + 1):
        form = draw(st.sampled_from(list(Form)))
        titles = {f"{number}{letter}": title for letter, title in TITLES.items()}
        asked = question(form, number=number, first=first, reference=f"vraag-{number}", titles=titles)
        questions.append(asked)
        answers[asked.reference] = draw(answers_to(asked))
        first += len(titles)
    return vote(*questions), answers


def answers_to(asked):
    references = [option.reference for option in asked.options]
    lists = st.lists(st.sampled_from(references), unique=True)
    return {
        Form.YES_NO: st.lists(st.sampled_from(references), max_size=1),
        Form.CHOICE: st.lists(st.sampled_from(references), max_size=1),
        Form.APPROVAL: st.lists(st.sampled_from(references), max_size=2, unique=True),
        Form.KNAPSACK: lists.filter(lambda chosen: not problems(asked, chosen)),
        Form.RANKING: lists,
        Form.SCORE: st.dictionaries(st.sampled_from(references), st.integers(1, 5)),
        Form.POINTS: st.dictionaries(st.sampled_from(references), st.integers(0, 2)),
    }[Form(asked.form)]


@given(ballots())
def test_every_valid_ballot_comes_back_from_the_box(case):
    asked, answers = case
    assert ballot_problems(asked, answers) == []
    kept = in_order(asked, answers)
    payload = payload_of(kept)
    assert answers_in(payload) == kept == in_order(asked, kept)
    assert payload.encode() == canonical_json(json.loads(payload))
    assert ballot_problems(asked, kept) == []


@given(ballots())
def test_every_valid_ballot_comes_back_from_the_form(case):
    """What a changed vote, a check page and a log-in carry along."""
    asked, answers = case
    kept = in_order(asked, answers)
    form = BallotForm(asked, submission_of(asked, kept).data)
    assert form.is_valid(), form.errors
    assert form.answers == kept
