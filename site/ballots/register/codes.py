"""Voting codes and register numbers: how they look, and the keyed hashes by which they are found.

A code has twelve characters of Crockford's base 32: 60 bits. With 100,000 valid codes a guess is right once in 2^43 tries, so a code is
strong enough by itself, also while nothing counts the tries. The mistakes people make (O for 0, I or L for 1, small letters,
other spacing) are put right. The keys come from SECRET_KEY: the database alone is of no use to a guesser.
"""

import re
import secrets
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from ballots.codes import ALPHABET, plain

LENGTH = 12
CODE, NUMBER = "ballots.register.codes", "ballots.register.numbers"
_NUMBER = re.compile(r"[0-9A-Z.-]{1,20}")


def new_voting_code() -> str:
    """A fresh code without separators."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def read_voting_code(text: str) -> str | None:
    """The code somebody typed or a scanner read (the address on a card ends in `#` and the code); None when it cannot be one."""
    code = plain(text[-200:].rpartition("#")[2])
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def read_number(text: str) -> str | None:
    """A register number without spaces; None when it cannot be one."""
    number = re.sub(r"\s", "", text).upper()
    return number if _NUMBER.fullmatch(number) else None


def code_hash(vote_id: UUID, code: str) -> bytes:
    """What is stored of a code. The vote is in it, so a code of one vote is nothing in another."""
    return _hash(CODE, vote_id, code, settings.SECRET_KEY)


def number_hash(vote_id: UUID, number: str) -> bytes:
    """What is stored of a register number. The vote is in it, so extracts of two votes cannot be laid beside each other."""
    return _hash(NUMBER, vote_id, number, settings.SECRET_KEY)


def code_hashes(vote_id: UUID, code: str) -> list[bytes]:
    """The hash under the present key and under keys that are being replaced (SECRET_KEY_FALLBACKS)."""
    return [_hash(CODE, vote_id, code, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def number_hashes(vote_id: UUID, number: str) -> list[bytes]:
    """As `code_hashes`."""
    return [_hash(NUMBER, vote_id, number, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _hash(purpose: str, vote_id: UUID, text: str, secret: str | bytes) -> bytes:
    return salted_hmac(purpose, vote_id.bytes + text.encode(), secret=secret, algorithm="sha256").digest()
