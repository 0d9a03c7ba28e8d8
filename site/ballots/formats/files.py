"""A file of ballots by the end of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

from ballots.counting.instance import Instance
from ballots.counting.ranked.ballots import RankedInstance
from ballots.formats.blt import read_blt
from ballots.formats.pabulib import PabulibMeta, read_pb
from ballots.formats.preflib import TYPES, read_preflib
from ballots.formats.rankings import RankedMeta
from ballots.formats.text import FormatError

Meta = PabulibMeta | RankedMeta
Reader = Callable[[IO[bytes]], tuple[Any, Any]]

READERS: Mapping[str, Reader] = {
    ".pb": read_pb,
    ".blt": read_blt,
    **{f".{kind}": partial(read_preflib, kind=kind) for kind in TYPES},
}


def read_ballots(path: Path) -> tuple[Meta, Instance | RankedInstance]:
    """Read a file whose name ends as one of READERS. Raises FormatError, and OSError when it cannot be read."""
    with path.open("rb") as stream:
        reader = READERS.get(path.suffix.lower())
        if reader is None:
            raise FormatError(f"its name must end in {', '.join(READERS)}")
        return reader(stream)
