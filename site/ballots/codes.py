"""Voting receipt codes: 120 random bits a person can write down and type over.

The alphabet is Crockford's base 32: no letters that look like a figure, and the mistakes people make all the same (O for 0,
I or L for 1, small letters, other spacing) are put right.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_BYTES = 15
CODE_LENGTH = 24
TRACKER_LENGTH = 12
GROUP = 4
_LOOKALIKES = str.maketrans("OIL", "011", " -‐‑–—.\t\r\n\u00a0")


def new_code(entropy: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """A fresh code without separators."""
    return in_base32(entropy(CODE_BYTES), CODE_LENGTH)


def code_from(pepper: bytes, reference: UUID) -> str:
    """The code that follows from who somebody is, in a poll that is not secret; nobody can make it without the vote's pepper."""
    return in_base32(hmac.digest(pepper, b"login:" + reference.bytes, hashlib.sha256), CODE_LENGTH)


def new_tracker(entropy: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """A tracker that follows from nothing: after shredding, who can make the code cannot find the ballot by it."""
    return in_base32(entropy(CODE_BYTES), TRACKER_LENGTH)


def read_code(text: str) -> str | None:
    """The code somebody typed, without separators; None when it cannot be a code."""
    code = plain(text)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def plain(text: str) -> str:
    """What somebody typed, with lookalikes put right and without separators."""
    return text.upper().translate(_LOOKALIKES)


def in_groups(code: str) -> str:
    """A code or tracker as people read it, in groups of four."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def tag_of(vote_id: UUID, code: str) -> bytes:
    """What the box keeps instead of the code: SHA-256 of the vote's id and the code."""
    return hashlib.sha256(vote_id.bytes + code.encode()).digest()


def tracker_of(vote_id: UUID, code: str) -> str:
    """The public name of a ballot: 60 bits derived from the code, which say nothing about code or tag."""
    digest = hashlib.sha256(b"tracker" + vote_id.bytes + code.encode()).digest()
    return in_base32(digest, TRACKER_LENGTH)


def in_base32(data: bytes, length: int) -> str:
    """The first 5 × `length` bits of `data`."""
    bits = int.from_bytes(data, "big") >> (8 * len(data) - 5 * length)
    return "".join(ALPHABET[bits >> (5 * place) & 31] for place in reversed(range(length)))
