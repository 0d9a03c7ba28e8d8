"""The catalogue of open data: every package names what it publishes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"


@dataclass(frozen=True)
class Download:
    """One file of a data set: the name of its form (`CSV`), its media type and its address on this site."""

    form: str
    media_type: str
    url: str


@dataclass(frozen=True)
class Dataset:
    """A data set that anyone may use: what it holds, about which page, and its files."""

    title: str
    description: str
    page_url: str
    downloads: tuple[Download, ...]


Source = Callable[[], Iterable[Dataset]]
_sources: dict[str, Source] = {}


def register(key: str, source: Source) -> None:
    """Adds a package's data sets. A double key is an error."""
    if key in _sources:
        raise ValueError(f"The open data source “{key}” is registered twice.")
    _sources[key] = source


def all_datasets() -> list[Dataset]:
    """Every public data set, in order of registration."""
    return [dataset for source in _sources.values() for dataset in source()]
