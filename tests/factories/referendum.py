"""Referendums with their process, their votes in every state, and decisions of the council."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from ballots.actions import annul_vote, count_vote, import_closed_vote, publish_result
from ballots.drafting import ONLY, write_only_question, write_options
from ballots.models import Option, Vote
from referendum import actions
from referendum.models import ReferendumPage, ReferendumVote
from referendum.rules import address_of
from tests.factories.ballots import FORMS, make_opener, open_by_two
from tests.factories.budget import home_below
from tests.factories.process import make_phase, make_process

_numbers = count(1)
COMMITMENT = "De raad neemt de uitslag over als genoeg mensen stemmen."
OPTIONS = {
    "yes_no": ("Ja", "Nee"),
    "points": ("Groen", "Verkeer", "Wonen"),
}
THREE = ("Spoorpark", "Zonneweide", "Waterlinie")
STATES = ("prepare", "draft", "coming", "open", "closed", "published", "decision", "annulled")
BODY = [("text", "<p>De markt is nu een parkeerplaats.</p>")]


def make_referendum(root, *, kind="referendum", process=None, **fields) -> ReferendumPage:
    """A published page with information and arguments, in a process whose phases open its verbs; no vote yet."""
    number = next(_numbers)
    today = timezone.localdate()
    phases = [
        make_phase(name, today + timedelta(days=first), today + timedelta(days=last), opens=[f"referendum.{verb}"])
        for name, first, last, verb in (
            ("Lezen", -40, -11, "inform"),
            ("Stemmen", -10, 10, "vote"),
            ("Uitslag", 11, 40, "result"),
        )
    ]
    parent = process or make_process(home_below(root), *phases, title=f"De markt {number}")
    defaults = {
        "title": "Auto's van de markt?",
        "slug": f"referendum-{number}",
        "intro": "Wij vragen of de markt zonder auto's kan.",
        "body": BODY,
        "committee": "Klachten: dereferendumcommissievandrie@waterveen.example",
        "arguments_for": [("text", "<p>Er is meer plaats om te zitten.</p>")],
        "arguments_against": [("text", "<p>Bezoekers moeten verder lopen.</p>")],
    }
    page = parent.add_child(instance=ReferendumPage(kind=kind, **(defaults | fields)))
    return ReferendumPage.objects.get(pk=page.pk)


def make_vote_of(
    page, *, form="yes_no", titles=None, opens_in=timedelta(hours=-1), open_for=timedelta(days=14), **fields
):
    """The draft of the vote of a page, ready to be opened."""
    opens_at = timezone.now() + opens_in
    values = {"title": page.title, "commitment": COMMITMENT, "opens_at": opens_at, "closes_at": opens_at + open_for}
    vote = Vote.objects.create(
        **{"area": page.area, "streets": page.plain_streets(), "url": address_of(page), **values, **fields}
    )
    question = write_only_question(vote, title="Moeten de auto's van de markt?", form=form, **FORMS[form])
    named = enumerate(titles or OPTIONS.get(form, THREE), start=1)
    write_options(question, [Option(reference=str(number), title=title) for number, title in named])
    ReferendumVote.objects.create(page=page, vote=vote)
    return vote


def make_published_vote(page, answers, publisher, *, form="yes_no", **fields):
    """A vote with a published result; `answers` as `ballots.box` has them, one per ballot."""
    vote = make_vote_of(page, form=form, opens_in=timedelta(days=-20), open_for=timedelta(days=15), **fields)
    import_closed_vote(vote, ballots=[{ONLY: answer} for answer in answers], source="proefbestand")
    count_vote(vote)
    publish_result(vote, actor=publisher)
    return Vote.objects.get(pk=vote.pk)


def decide(page, actor, *, text="De raad maakt de markt autovrij.", **fields):
    """The council's decision of today, through the action."""
    values = {"decided_on": timezone.localdate(), "now": timezone.now()} | fields
    return actions.record_decision(page, actor, text=text, **values)


def make_referendum_in(root, state, actor, **fields) -> ReferendumPage:
    """A referendum in one of `STATES`."""
    page = make_referendum(root, **fields)
    if state in ("draft", "coming", "open"):
        vote = make_vote_of(page, opens_in=timedelta(days=3) if state == "coming" else timedelta(hours=-1))
        if state != "draft":
            open_by_two(vote)
    elif state == "closed":
        vote = make_vote_of(page, opens_in=timedelta(days=-20), open_for=timedelta(days=15))
        import_closed_vote(vote, ballots=[{ONLY: ["1"]}], source="proefbestand")
    elif state in ("published", "decision", "annulled"):
        vote = make_published_vote(page, [["1"]] * 30 + [["2"]] * 10, actor)
        if state == "decision":
            decide(page, actor)
        elif state == "annulled":
            annul_vote(vote, actor=make_opener("Gerda"), reason="De kiezerslijst klopte niet.")
    return page
