"""The codes themselves: how they look, and the keyed hash by which they are found.

Twelve characters out of 27 are 57 bits. Vowels are left out, so that no code spells a word, and so are
characters that look alike (0 O, 1 I L, U V).
"""

import re
import secrets

from django.conf import settings
from django.utils.crypto import salted_hmac

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
LENGTH = 12


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def plain_code(text: str) -> str:
    """What somebody typed, as it was printed: capitals, no spaces or dashes."""
    return re.sub(r"[\s\-–.]", "", text).upper()


def digest(code: str, secret: str | bytes | None = None) -> bytes:
    """HMAC-SHA-256 under a key of its own, derived from SECRET_KEY: the database alone is of no use to a guesser."""
    return salted_hmac("people.letters.codes", code, secret=secret or settings.SECRET_KEY, algorithm="sha256").digest()


def digests(code: str) -> list[bytes]:
    """The hash under the present key and under keys that are being replaced (SECRET_KEY_FALLBACKS)."""
    return [digest(code, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
