"""What one ballot is, as bytes: the payload, and the leaf by which it is found back unchanged.

payload = canonical JSON of {"choices": [references in the order of the ballot]}
leaf    = SHA-256(0x00 ‖ canonical JSON of {"choices", "nonce" (hex), "tracker", "version", "vote"}), as RFC 6962 hashes a leaf
"""

import hashlib
import json
from collections.abc import Sequence
from uuid import UUID

from ballots.canonical import canonical_json

NONCE_BYTES = 16


def payload_of(references: Sequence[str]) -> str:
    """The payload for options in the order of the ballot; an empty one is a blank ballot."""
    return canonical_json({"choices": list(references)}).decode()


def choices_in(payload: str) -> list[str]:
    """The references in a payload."""
    choices = json.loads(payload)["choices"]
    return [str(reference) for reference in choices]


def leaf_of(vote_id: UUID, *, tracker: str, version: int, nonce: bytes, choices: Sequence[str]) -> bytes:
    """The leaf of one ballot. The nonce keeps the leaf from being guessed from the choices."""
    content = {
        "vote": str(vote_id),
        "tracker": tracker,
        "version": version,
        "nonce": nonce.hex(),
        "choices": list(choices),
    }
    return hashlib.sha256(b"\0" + canonical_json(content)).digest()
