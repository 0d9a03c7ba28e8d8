"""The files of a published vote, as `docs/reference/vote-format.md` describes them. Streamed: 100,000 ballots are never in memory.

The same vote gives the same bytes, whenever and wherever it is asked.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ballots.canonical import canonical_json
from ballots.frozen import frozen_vote, rules_of
from ballots.log_file import log_of
from ballots.models import Ballot, Checkpoint, Superseded, Vote

FORMAT = "participatiemix-vote/1"
VERIFIER = Path(__file__).with_name("verify.py")
CHUNK = 2_000
NDJSON = "application/x-ndjson"


@dataclass(frozen=True)
class PublishedFile:
    """One file: its name, its media type, and what it holds, part by part."""

    name: str
    media_type: str
    content: Callable[[], Iterator[bytes]]


def is_published(vote: Vote) -> bool:
    """Whether there are files for anybody: a published result, and a log."""
    return vote.state == Vote.State.PUBLISHED and Checkpoint.objects.filter(vote=vote).exists()


def shows_single_ballots(vote: Vote) -> bool:
    """Few ballots say who cast them; so single ballots are published from the threshold on."""
    return bool(vote.seal.ballots >= vote.publication_threshold)


def why_few(vote: Vote) -> str:
    """The reason why only leaves are published; empty when the ballots are."""
    if shows_single_ballots(vote):
        return ""
    return _("there are fewer than %(number)s.") % {"number": vote.publication_threshold}


def files_of(vote: Vote) -> list[PublishedFile]:
    """Every file of a vote with a seal."""
    ballots = _ballots if shows_single_ballots(vote) else _leaves
    name = "ballots.jsonl" if shows_single_ballots(vote) else "leaves.jsonl"
    return [
        PublishedFile("vote.json", "application/json", lambda: iter([_as_text(about(vote))])),
        PublishedFile("log.json", "application/json", lambda: iter([_as_text(log_of(vote))])),
        PublishedFile(name, NDJSON, lambda: _lines(ballots(vote))),
        PublishedFile("superseded.jsonl", NDJSON, lambda: _lines(_superseded(vote))),
        PublishedFile("result.json", "application/json", lambda: iter([result_text(vote)])),
        PublishedFile("verify.py", "text/x-python", lambda: iter([VERIFIER.read_bytes()])),
    ]


def about(vote: Vote) -> dict[str, Any]:
    """What the rest is checked against."""
    return {
        "format": FORMAT,
        "vote": str(vote.pk),
        "source": vote.source,
        "rules": rules_of(frozen_vote(vote.pk)),
        "rules_hash": bytes(vote.rules_hash or b"").hex(),
        "roll": Checkpoint.objects.get(vote=vote, seq=0).leaves,
        "roll_root": bytes(vote.roll_root or b"").hex(),
        "ballots": vote.seal.ballots,
        "seed": vote.seal.seed,
        "result_digest": bytes(vote.seal.digest).hex(),
        "reason": why_few(vote),
    }


def result_text(vote: Vote) -> bytes:
    """The sealed bytes; with few ballots only what the page shows, because details of a count can give away single ballots."""
    if shows_single_ballots(vote):
        return str(vote.seal.result).encode()
    questions = json.loads(vote.seal.result)["questions"]
    totals = {reference: _totals(result) for reference, result in questions.items()}
    return canonical_json({"questions": totals, "note": why_few(vote)})


def _totals(result: dict[str, Any]) -> dict[str, Any]:
    options = [{name: option[name] for name in ("option", "votes", "won")} for option in result["options"]]
    return {"rule": result["rule"], "winners": result["winners"], "options": options}


def _ballots(vote: Vote) -> Iterator[dict[str, Any]]:
    """In the order of their leaves, which says nothing."""
    columns = ("payload", "batch", "leaf", "nonce", "tracker", "version")
    rows = Ballot.objects.filter(vote=vote).order_by("leaf").values_list(*columns)
    for payload, batch, leaf, nonce, tracker, version in rows.iterator(chunk_size=CHUNK):
        yield {
            "ballot": json.loads(payload),
            "checkpoint": batch,
            "leaf": bytes(leaf).hex(),
            "nonce": bytes(nonce).hex(),
            "tracker": tracker,
            "version": version,
        }


def _leaves(vote: Vote) -> Iterator[dict[str, Any]]:
    return _log_lines(Ballot.objects.filter(vote=vote))


def _superseded(vote: Vote) -> Iterator[dict[str, Any]]:
    return _log_lines(Superseded.objects.filter(vote=vote))


def _log_lines(rows: Any) -> Iterator[dict[str, Any]]:
    for batch, leaf in rows.order_by("leaf").values_list("batch", "leaf").iterator(chunk_size=CHUNK):
        yield {"checkpoint": batch, "leaf": bytes(leaf).hex()}


def _lines(values: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """A line of canonical JSON each, many lines in a part."""
    part: list[bytes] = []
    for value in values:
        part.append(canonical_json(value) + b"\n")
        if len(part) == CHUNK:
            yield b"".join(part)
            part.clear()
    yield b"".join(part)


def _as_text(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1).encode() + b"\n"
