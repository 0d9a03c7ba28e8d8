"""Reads the demonstration's texts, which lie beside this file as JSON."""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def text_of(name: str) -> Any:
    """The content of `<name>.json`."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text())
