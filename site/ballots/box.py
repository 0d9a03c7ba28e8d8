"""What one ballot is, as bytes: the payload, and the leaf by which it is found back unchanged.

payload = canonical JSON of {"answers": {question reference: answer}}; `ballots.answers` says what an answer is. On paper an answer can be
          invalid: then it is null
leaf    = SHA-256(0x00 ‖ canonical JSON of {"ballot" (the payload), "nonce" (hex), "tracker", "version", "vote"}), as RFC 6962 hashes a leaf
"""

import hashlib
import json
from collections.abc import Mapping
from uuid import UUID

from ballots.canonical import canonical_text

NONCE_BYTES = 16

Answer = list[str] | dict[str, int]
"""References of options in the order of the ballot (a ranking: best first), or reference → whole number. Empty is blank."""

Answers = Mapping[str, Answer | None]
"""Question reference → answer, for every question of the vote. None is invalid, which only paper can be (`ballots.answers.Standing`)."""


def payload_of(answers: Answers) -> str:
    """The payload of these answers."""
    return canonical_text({"answers": dict(answers)})


def answers_in(payload: str) -> dict[str, Answer | None]:
    """The answers in a payload."""
    answers: dict[str, Answer | None] = json.loads(payload)["answers"]
    return answers


def leaf_of(vote_id: UUID, *, tracker: str, version: int, nonce: bytes, payload: str) -> bytes:
    """The leaf of one ballot. The nonce keeps the leaf from being guessed from the answers.

    The payload is canonical JSON already, so the text is put together: a count makes a leaf for every ballot.
    """
    rest = f'"nonce":"{nonce.hex()}","tracker":{canonical_text(tracker)},"version":{version},"vote":"{vote_id}"'
    return hashlib.sha256(f'\0{{"ballot":{payload},{rest}}}'.encode()).digest()
