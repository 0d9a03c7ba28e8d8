"""The answer of a rule: allowed, or not with the reason a person reads."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """True when allowed; otherwise `reason` is a sentence to show."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Verdict(True)


def refused(reason: str) -> Verdict:
    return Verdict(False, str(reason))


class NotAllowed(Exception):
    """An action met a refusal; `str(error)` is the sentence to show."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


def demand(verdict: Verdict) -> None:
    """Raises `NotAllowed` unless the verdict allows."""
    if not verdict:
        raise NotAllowed(verdict)
