"""Every page of a ballot in every state, as a test's client is answered: nothing is walked to in the browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client

from ballots import kept_choices
from ballots.actions import close_vote, count_vote, publish_result
from tests.ballots.clocks import database_clock
from tests.ballots.test_voting_pages import code_on
from tests.factories.ballots import make_forms_vote, open_by_two

FORMS = ("yes_no", "choice", "approval", "ranking", "score", "points", "knapsack")
# Options are numbered through a ballot of all forms: yes_no 1–2, then four for each form.
FILLED = {
    "choice-1": "1",
    "choice-2": "blank",
    "choice-3": ["7"],
    "rank-11": "2",
    "rank-12": "1",
    "score-15": "5",
    "points-19": "10",
    "choice-7": ["24"],
}
# Something wrong with every question.
WRONG = {
    "choice-3": ["7", "8", "9"],
    "rank-11": "2",
    "rank-12": "2",
    "blank-5": "on",
    "score-15": "3",
    "points-19": "11",
    "choice-7": ["23", "24", "25", "26"],
}


@dataclass(frozen=True)
class Shown:
    """An answer to be looked at; `is_ballot`: with controls to choose with, where a script does something."""

    name: str
    path: str
    response: Any
    is_ballot: bool = False


def make_every_form():
    """One ballot with every form, its options in an order by lot."""
    return open_by_two(make_forms_vote(*FORMS, text="Zeven vragen.", option_order="random"))


def states(vote, *, client_for, anna, chaima, clerk) -> Iterator[Shown]:
    """From the empty ballot to the result; Chaima is not on the roll. Ends with the vote published."""
    base, client, visitor = f"/stemmen/{vote.pk}", client_for(anna), Client()

    def page(name, path, who=client, post=None, **options):
        address = f"{base}{path}"
        return Shown(name, address, who.get(address) if post is None else who.post(address, post), **options)

    yield page("vote that is open", "/")
    yield page("empty", "/kiezen/", is_ballot=True)
    yield page("filled in", "/kiezen/", post={**FILLED, "step": "sum"}, is_ballot=True)
    yield page("over the maximum", "/kiezen/", post={**WRONG, "step": "sum"}, is_ballot=True)
    yield page("with errors", "/kiezen/", post={**WRONG, "step": "check"}, is_ballot=True)
    yield page("practice", "/oefenen/", visitor, is_ballot=True)
    yield page("practice with errors", "/oefenen/", visitor, {"step": "check"}, is_ballot=True)
    yield page("practice checked", "/oefenen/", visitor, {**FILLED, "step": "check"})
    yield page("not on the roll", "/kiezen/", client_for(chaima))
    yield page("not on the roll, too late to know", "/kiezen/", client_for(chaima), FILLED)
    yield page("log in first", "/kiezen/", visitor, {**FILLED, "step": "check"})
    longest, kept_choices.LONGEST = kept_choices.LONGEST, 10
    yield page("log in first, not kept", "/kiezen/", visitor, {**FILLED, "step": "check"})
    kept_choices.LONGEST = longest
    visitor.force_login(anna.user, backend="django.contrib.auth.backends.ModelBackend")
    yield page("back from logging in", "/kiezen/", visitor, is_ballot=True)
    checked = page("check page", "/kiezen/", post={**FILLED, "step": "check"})
    yield checked
    code = code_on(checked.response)
    yield page("receipt", "/uitbrengen/", post={**FILLED, "code": code})
    yield page("has voted", "/kiezen/")
    yield page("vote of who has voted", "/")
    yield page("code asked", "/opzoeken/", Client())
    yield page("wrong code", "/opzoeken/", Client(), {"code": "0" * 24})
    yield page("looked up", "/opzoeken/", Client(), {"code": code})
    yield page("changed with a code", "/wijzigen/", post={"code": code}, is_ballot=True)
    with database_clock(vote.closes_at):
        yield page("closed with choices to copy", "/kiezen/", post={**FILLED, "code": code, "step": "check"})
        yield page("vote that is closed", "/")
        close_vote(vote)
    count_vote(vote)
    publish_result(vote, actor=clerk)
    yield page("result", "/")
    yield page("log", "/logboek/", Client())


CHOSEN = {"choice-1": ["1"], "step": "check"}


def with_a_code(vote, code) -> Iterator[Shown]:
    """The pages that only somebody without an account sees, who has a card with a code."""
    base, client = f"/stemmen/{vote.pk}", Client()

    def page(name, path, post=None):
        answer = client.get(base + path) if post is None else client.post(base + path, post)
        return Shown(name, base + path, answer)

    yield page("choices first", "/kiezen/", CHOSEN)
    yield page("voting code asked", "/stemcode/")
    yield page("voting code missing", "/stemcode/", {})
    yield page("voting code that is none", "/stemcode/", {"code": "AAAA-AAAA-AAAA"})
    client.post(f"{base}/stemcode/", {"code": code})
    yield page("back with the code", "/kiezen/")
    yield page("vote with a code on this device", "/")
    checked = page("check page with a code", "/kiezen/", CHOSEN)
    yield checked
    yield page("receipt with a code", "/uitbrengen/", {**CHOSEN, "code": code_on(checked.response)})


def of_a_poll(poll, client) -> Iterator[Shown]:
    """The pages of a poll that is not secret: no code, and the ballot is found by logging in."""
    base = f"/stemmen/{poll.pk}"
    yield Shown("poll without a ballot", f"{base}/opzoeken/", client.get(f"{base}/opzoeken/"))
    yield Shown("poll checked", f"{base}/kiezen/", client.post(f"{base}/kiezen/", CHOSEN))
    yield Shown("poll received", f"{base}/uitbrengen/", client.post(f"{base}/uitbrengen/", CHOSEN))
