"""What became of a submission elsewhere: each package that goes on with it registers a source.

followups.register(links_to_plans)   # submission → [(text, address)], in AppConfig.ready()
"""

from collections.abc import Callable, Iterable

from proposals.models import Submission

Link = tuple[str, str]
Source = Callable[[Submission], Iterable[Link]]

_sources: list[Source] = []


def register(source: Source) -> None:
    """Adds a source; a double one is a `ValueError`."""
    if source in _sources:
        raise ValueError(f"The follow-ups of “{source.__qualname__}” are registered twice.")
    _sources.append(source)


def of(submission: Submission) -> list[Link]:
    """Every public page that goes on with this submission."""
    return [link for source in _sources for link in source(submission)]
