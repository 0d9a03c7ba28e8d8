"""All files of a vote in one zip, made while it is sent."""

import zipfile
from collections.abc import Iterable, Iterator
from io import RawIOBase
from typing import Any

from ballots.publishing.files import PublishedFile

# Every zip of a vote has the same bytes, so no file has the time of today.
NO_TIME = (1980, 1, 1, 0, 0, 0)


class _Outgoing(RawIOBase):
    """Takes what is written and gives it away; a zip can be written to it because it asks for no way back."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        found = b"".join(self._parts)
        self._parts.clear()
        return found


def zip_of(files: Iterable[PublishedFile]) -> Iterator[bytes]:
    """The zip, part by part."""
    outgoing = _Outgoing()
    with zipfile.ZipFile(outgoing, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.name, NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as target:
                for part in file.content():
                    target.write(part)
                    yield outgoing.taken()
    yield outgoing.taken()
