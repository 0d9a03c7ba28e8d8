"""The answer of a rule: allowed, or not with the reason a person reads."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verdict:
    """True when allowed; otherwise `reason` is a sentence to show.

    `remedy` names the address where somebody can do something about it, "" when there is nothing to do.
    """

    allowed: bool
    reason: str = ""
    remedy: str = field(default="", compare=False)

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Verdict(True)


def refused(reason: str, *, remedy: str = "") -> Verdict:
    return Verdict(False, str(reason), remedy)


class NotAllowed(Exception):
    """An action met a refusal; `str(error)` is the sentence to show."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


def demand(verdict: Verdict) -> None:
    """Raises `NotAllowed` unless the verdict allows."""
    if not verdict:
        raise NotAllowed(verdict)
