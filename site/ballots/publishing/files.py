"""The files of a published vote, as `docs/reference/vote-format.md` describes them. Streamed: 100,000 ballots are never in memory.

The same vote gives the same bytes, whenever and wherever it is asked.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from ballots.canonical import canonical_json
from ballots.channels import channels_of, published
from ballots.frozen import FrozenVote, frozen_vote, rules_of
from ballots.log_file import log_of
from ballots.models import Checkpoint, Seal, Vote
from ballots.paper.numbers import missing_ballots
from ballots.paper.printing import RECORD, public_record

FORMAT = "participatiemix-vote/1"
# With ballots on paper an answer can be invalid, and with channels there are numbers of each.
FORMAT_WITH_CHANNELS = "participatiemix-vote/2"
VERIFIER = Path(__file__).with_name("verify.py")
CHUNK = 2_000
# Before the name of every file of a dry run, and a file of its own in the zip; the bytes of the others are what is checked.
TEST_PREFIX = "PROEF-telt-niet-mee"
TEST_NOTE = (
    "PROEF – telt niet mee. Dit zijn de bestanden van een proefstemming.\n"
    "TEST – does not count. These are the files of a dry run.\n"
).encode()
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
    name, ballots = ("ballots.jsonl", _BALLOTS) if shows_single_ballots(vote) else ("leaves.jsonl", _LEAVES_ONLY)
    return [
        *(
            [PublishedFile(f"{TEST_PREFIX}.txt", "text/plain; charset=utf-8", lambda: iter([TEST_NOTE]))]
            if vote.is_test
            else []
        ),
        PublishedFile("vote.json", "application/json", lambda: iter([_as_text(about(vote))])),
        PublishedFile("log.json", "application/json", lambda: iter([_as_text(log_of(vote))])),
        PublishedFile(name, NDJSON, lambda: _lines(ballots, vote)),
        PublishedFile("superseded.jsonl", NDJSON, lambda: _lines(_SUPERSEDED, vote)),
        PublishedFile("result.json", "application/json", lambda: iter([result_text(vote)])),
        *_paper_files(vote),
        PublishedFile("verify.py", "text/x-python", lambda: iter([VERIFIER.read_bytes()])),
    ]


def _paper_files(vote: Vote) -> list[PublishedFile]:
    """The record of the ballots on paper, where there were any."""
    if getattr(vote, "reconciliation", None) is None:
        return []
    return [PublishedFile(RECORD, "application/pdf", lambda: iter([public_record(vote)]))]


def about(vote: Vote) -> dict[str, Any]:
    """What the rest is checked against."""
    frozen = frozen_vote(vote.pk)
    has_channels = len(channels_of(frozen)) > 1
    return {
        "format": FORMAT_WITH_CHANNELS if has_channels else FORMAT,
        "vote": str(vote.pk),
        "source": vote.source,
        "rules": rules_of(frozen),
        "rules_hash": bytes(vote.rules_hash or b"").hex(),
        "roll": Checkpoint.objects.get(vote=vote, seq=0).leaves,
        "roll_root": bytes(vote.roll_root or b"").hex(),
        "ballots": vote.seal.ballots,
        "seed": vote.seal.seed,
        "result_digest": bytes(vote.seal.digest).hex(),
        "reason": why_few(vote),
        **(_by_channel(frozen, vote.seal) if has_channels else {}),
    }


def _by_channel(vote: FrozenVote, seal: Seal) -> dict[str, Any]:
    """Ballots by channel, None where they are too few to tell; and what of every question was blank and invalid."""
    numbers = {channel.value: seal.channels.get(channel, 0) for channel in channels_of(vote)}
    answers = {
        name: {"blank": seal.blank_answers.get(name, 0), "invalid": seal.invalid_answers.get(name, 0)}
        for name in vote.question_by_reference
    }
    # Envelopes in which two persons found no ballot to count; the record of the paper says why.
    return {"channels": published(numbers), "answers": answers, "missing": missing_ballots(vote.id)}


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


# Every part of a line is canonical JSON already, or a number, or hexadecimal: the database puts the lines together, in the order of their
# leaves, which says nothing. No tracker holds a character that JSON would write in another way.
_BALLOTS = """
    SELECT '{"ballot":' || payload || ',"checkpoint":' || coalesce(batch::text, 'null') || ',"leaf":"' || encode(leaf, 'hex')
        || '","nonce":"' || encode(nonce, 'hex') || '","tracker":"' || tracker || '","version":' || version || E'}\\n'
    FROM ballots_ballot WHERE vote_id = %s ORDER BY leaf
"""
_LEAVES = """
    SELECT '{"checkpoint":' || coalesce(batch::text, 'null') || ',"leaf":"' || encode(leaf, 'hex') || E'"}\\n'
    FROM {table} WHERE vote_id = %s ORDER BY leaf
"""
_LEAVES_ONLY = _LEAVES.replace("{table}", "ballots_ballot")
_SUPERSEDED = _LEAVES.replace("{table}", "ballots_superseded")


def _lines(statement: str, vote: Vote) -> Iterator[bytes]:
    """The lines that a statement gives, many in a part."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, [vote.pk])
        while rows := cursor.fetchmany(CHUNK):
            yield "".join([line for (line,) in rows]).encode()


def _as_text(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1).encode() + b"\n"
