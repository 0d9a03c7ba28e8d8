"""One way to write a value as bytes, so that the same thing always has the same hash."""

import json
from typing import Any

_text = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def canonical_text(value: Any) -> str:
    """JSON with sorted keys, without spaces, in ASCII."""
    return _text(value)


def canonical_json(value: Any) -> bytes:
    """The same as bytes."""
    return _text(value).encode()
