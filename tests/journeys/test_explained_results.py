"""The explanation of every rule's result in a real browser: axe, no sideways scroll at 320 px, without JavaScript."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ballots.actions import count_vote, import_closed_vote, publish_result
from tests.factories.ballots import add_question, make_vote
from tests.factories.people import make_user
from tests.journeys import world
from tests.journeys.conftest import axe_violations
from tests.journeys.test_accessibility import too_wide

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = ("instant-runoff", "scottish-stv", "borda", "schulze", "ranked-pairs", "copeland")
# A circle of the first three plans; the fourth goes out first.
RANKED = ("abcd", "abcd", "bcad", "bca", "cab", "cabd", "dc", "a")
OPEN_FOLDS = "document.querySelectorAll('details').forEach(fold => fold.open = true)"


@pytest.fixture
def counted(site_root, places):
    """A published vote with a question for every kind of rule, 32 ballots on each, some of them level."""
    world.make_home(site_root)
    vote = make_vote(options=[], opens_at=timezone.now() - timedelta(days=30), title="Alles wat wij tellen")
    vote.questions.all().delete()
    for rule in ORDERS:
        seats = {"seats": 2} if rule == "scottish-stv" else {}
        add_question(vote, "ranking", title=f"Vraag over {rule}", counting={"rule": rule, **seats})
    add_question(vote, "choice", title="Vraag over één keuze")
    add_question(
        vote, "knapsack", title="Vraag over geld", counting={"rule": "equal-shares", "increment": "until_overspend"}
    )
    ballots = [_ballot(order) for order in RANKED for _ in range(4)]
    import_closed_vote(vote, ballots=ballots, source="Bedacht")
    count_vote(vote)
    publish_result(vote, actor=make_user("Publiceert", roles=("clerk",)))
    return vote


def _ballot(order):
    ranked = {str(number): [f"{number}{letter}" for letter in order] for number in range(1, 7)}
    return ranked | {"7": [f"7{order[0]}"], "8": [f"8{letter}" for letter in sorted(order)[:2]]}


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(("width", "scripts"), [(320, False), (1280, True)])
def test_explanations_are_accessible(counted, open_page, client_for, width, scripts, prefix):
    page = open_page(scripts=scripts, width=width)
    page.goto(f"{prefix}/stemmen/{counted.pk}/")
    assert page.locator("main svg[role=img]").count() == 10
    assert axe_violations(page) + too_wide(page) == []
    page.evaluate(OPEN_FOLDS)
    assert axe_violations(page) + too_wide(page) == []


@pytest.mark.parametrize("width", [320, 1280])
def test_comparison_for_staff_is_accessible(counted, open_page, client_for, clerk, width):
    page = open_page(client_for(clerk), width=width)
    page.goto(reverse("vote:compare", args=[counted.pk]))
    assert page.locator("main table").count() == 8
    assert axe_violations(page) + too_wide(page) == []
