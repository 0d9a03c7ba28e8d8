"""Votes that were held to the end, and their published files in a folder."""

import json

from ballots.actions import close_vote, count_vote, publish_result
from ballots.models import Option, Question
from ballots.publishing.files import files_of
from tests.ballots.clocks import database_clock
from tests.factories.ballots import make_vote
from tests.factories.people import make_user

NAMES = "abcde"

# reference → (form, counting, fields, answer of voter n)
FORMS = {
    "ja": ("yes_no", {"rule": "plurality"}, {}, lambda n: [f"ja-{'ab'[n % 2]}"], 2),
    "een": ("choice", {"rule": "plurality"}, {}, lambda n: [f"een-{NAMES[n % 5]}"] if n % 4 else [], 5),
    "meer": ("approval", {"rule": "approval", "seats": 2}, {"max_options": 3}, lambda n: some("meer", n)[:3], 5),
    "cijfer": (
        "score",
        {"rule": "score", "highest": 5},
        {"lowest": 0, "highest": 5},
        lambda n: {f"cijfer-{name}": 1 + (n + place) % 5 for place, name in enumerate(NAMES)},
        5,
    ),
    "punten": (
        "points",
        {"rule": "points"},
        {"points": 10},
        lambda n: {f"punten-{NAMES[n % 5]}": 6, f"punten-{NAMES[(n + 2) % 5]}": 1 + n % 4},
        5,
    ),
    "geld": (
        "knapsack",
        {"rule": "equal-shares", "increment": "until_overspend", "increment_cents": 500, "completion": "greedy"},
        {"max_sum": 80_000, "budget": 80_000},
        lambda n: some("geld", n)[:2],
        5,
    ),
    "volgorde": ("ranking", {"rule": "schulze"}, {}, lambda n: in_order_of("volgorde", n)[: n % 6], 5),
    "zetels": ("ranking", {"rule": "scottish-stv", "seats": 2}, {}, lambda n: in_order_of("zetels", n)[: 1 + n % 4], 5),
}


def in_order_of(question, n):
    """All references of a question, in an order of voter n's own."""
    return [f"{question}-{NAMES[((n % 4 + 1) * step + n // 3) % 5]}" for step in range(5)]


def some(question, n):
    """References in the order of the ballot: those of which voter n's number has the bit."""
    return [f"{question}-{name}" for place, name in enumerate(NAMES) if (n * 7 + 3) >> place & 1]


def make_many_questions(**fields):
    """A draft with a question of every form that this site counts."""
    vote = make_vote(options=(), **fields)
    Question.objects.filter(vote=vote).delete()
    option_number = 0
    for number, (reference, (form, counting, own, _answer, size)) in enumerate(FORMS.items(), start=1):
        question = Question.objects.create(
            vote=vote, number=number, reference=reference, title=reference, form=form, counting=counting, **own
        )
        for name in NAMES[:size]:
            option_number += 1
            cost = 10_000 * option_number % 37_000 + 5_000 if form == "knapsack" else None
            Option.objects.create(
                vote=vote,
                question=question,
                number=option_number,
                reference=f"{reference}-{name}",
                title=name,
                cost=cost,
            )
    return vote


def answers_of(n):
    """What voter n answers to every question."""
    return {reference: answer(n) for reference, (_form, _counting, _own, answer, _size) in FORMS.items()}


def hold(vote, *, publish=True):
    """Closes, counts and publishes."""
    with database_clock(vote.closes_at):
        assert close_vote(vote)
    count_vote(vote)
    if publish:
        publish_result(vote, actor=make_user("Publiceert", roles=("clerk",)))
    vote.refresh_from_db()
    return vote


def write_files(vote, folder):
    """The published files of the vote in this folder."""
    for file in files_of(vote):
        (folder / file.name).write_bytes(b"".join(file.content()))
    return folder


def read_json(folder, name):
    return json.loads((folder / name).read_text())


def read_lines(folder, name):
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def write_json(folder, name, value):
    (folder / name).write_text(json.dumps(value, sort_keys=True, separators=(",", ":")))


def write_lines(folder, name, values):
    (folder / name).write_text(
        "".join(json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n" for value in values)
    )
