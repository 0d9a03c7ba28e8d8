"""The outcome in sentences: it never says that something won when a lot, a minimum or nobody decided."""

import pytest

from ballots.actions import count_vote, import_closed_vote, publish_result
from ballots.models import Option, Question
from referendum.outcome import outcome_of
from referendum.standing import standing_of
from tests.factories.referendum import make_published_vote, make_referendum, make_vote_of

pytestmark = pytest.mark.django_db

UNREACHED = "The minimum was not reached, so the outcome does not count."


def outcome(root, dirk, answers, **fields):
    page = make_referendum(root)
    make_published_vote(page, answers, dirk, **fields)
    return outcome_of(standing_of(page))


@pytest.mark.parametrize(
    ("answers", "limits", "said", "minimum"),
    [
        ([["1"]] * 2 + [["2"]], {}, "“Ja” won.", ""),
        ([], {}, "Nobody voted.", ""),
        ([[]] * 2, {}, "Everybody voted blank.", ""),
        ([], {"threshold_kind": "turnout", "threshold_share": 1}, "Nobody voted.", UNREACHED),
        (
            [["1"]] + [["2"]] * 2,
            {"threshold_kind": "outcome", "threshold_share": 6_700},
            "“Nee” received the most.",
            UNREACHED,
        ),
        (
            [["1"]] + [["2"]] * 2,
            {"threshold_kind": "outcome", "threshold_share": 6_600},
            "“Nee” won.",
            "The minimum was reached.",
        ),
    ],
)
def test_outcome_in_sentences(site_root, dirk, answers, limits, said, minimum):
    """Mutants killed: "won" below the minimum; "no option won" when nobody came."""
    found = outcome(site_root, dirk, answers, **limits)
    assert (found.questions[0].summary, found.threshold_in_words) == (said, minimum)


def test_a_lot_is_said_where_it_decided(site_root, dirk):
    question = outcome(site_root, dirk, [["1"], ["2"]]).questions[0]
    winner = next(place.title for place in question.places if place.won)
    assert question.summary == f"“{winner}” won. These were level: “Ja” and “Nee”. A lot decided."


def test_level_options_that_decided_nothing_are_no_lot(site_root, dirk):
    found = outcome(site_root, dirk, [["1"], ["2"], ["3"], ["3"]], form="choice")
    assert found.questions[0].summary == "“Waterlinie” won."


def test_every_question_says_whether_its_own_winner_reached_the_minimum(site_root, dirk):
    """Mutant killed: one sentence for the whole vote, taken from one of its questions."""
    page = make_referendum(site_root)
    vote = make_vote_of(page, threshold_kind="outcome", threshold_share=6_000)
    second = Question.objects.create(
        vote=vote,
        number=2,
        reference="2",
        title="Moet er een fontein komen?",
        form="yes_no",
        counting={"rule": "plurality"},
    )
    for number, title in ((3, "Ja"), (4, "Nee")):
        Option.objects.create(vote=vote, question=second, number=number, reference=str(number), title=title)
    ballots = [{"1": ["1"], "2": ["3"]}, {"1": ["1"], "2": ["4"]}, {"1": ["2"], "2": []}]
    import_closed_vote(vote, ballots=ballots, source="proefbestand")
    count_vote(vote)
    publish_result(vote, actor=dirk)
    found = outcome_of(standing_of(type(page).objects.get(pk=page.pk)))
    assert found.threshold_in_words == ""
    assert found.questions[0].summary == "“Ja” won. The minimum was reached."
    assert found.questions[1].summary.startswith(("“Ja” received the most.", "“Nee” received the most."))
    assert found.questions[1].summary.endswith(UNREACHED)
