"""One way to write a value as bytes, so that the same thing always has the same hash."""

import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys, without spaces, in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
