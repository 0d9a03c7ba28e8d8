"""A count without money as text: who won and why, every stage or every pair, and the ties."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots.count_report import WithOptions, section, settings_line, tie_line, votes_text
from ballots.counting import ChoiceResult, Standing
from ballots.formats.files import Meta
from ballots.formats.rankings import RankedMeta

REASONS = {
    "elected": gettext_lazy("elected in round %(round)s"),
    "elected_with_quota": gettext_lazy("elected in round %(round)s, with the quota"),
    "elected_to_last_seat": gettext_lazy("elected in round %(round)s, to a seat that was left"),
    "no_votes": gettext_lazy("nobody voted for it"),
    "below_minimum": gettext_lazy("fewer votes than the minimum"),
    "fewer_votes": gettext_lazy("others had more"),
    "lost_tie": gettext_lazy("level with a winner; the tie rule decided"),
    "beaten": gettext_lazy("others go before it"),
    "excluded": gettext_lazy("had the fewest votes in round %(round)s"),
    "seats_full": gettext_lazy("all seats were taken"),
}

STAGES = {
    "first_preferences": gettext_lazy("first preferences"),
    "exclusion": gettext_lazy("%(option)s goes out"),
    "surplus": gettext_lazy("%(option)s hands on what it has more than the quota"),
}


def choice_report(result: ChoiceResult, instance: WithOptions, meta: Meta) -> list[str]:
    """The lines of the protocol. `meta` says what was odd in the file, and who withdrew."""
    return list(_Report(result, instance, meta).lines())


class _Report:
    def __init__(self, result: ChoiceResult, instance: WithOptions, meta: Meta) -> None:
        self.result, self.meta, self.content = result, meta, result.to_dict()
        self.names = {option.id: option.name for option in instance.options}
        self.standings = {each.option: each for each in result.standings}

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield from section(_("Elected, in order"), self._winners())
        lost = [each for each in self.result.standings if not each.won]
        yield from section(_("Not elected"), (self._line(each) for each in lost))
        yield from section(_("Round by round"), self._stages())
        yield from section(_("Two by two"), self._pairs())
        yield from section(_("Victories from strong to weak"), self._locked())
        yield from section(_("Ties"), map(tie_line, self.result.ties))
        yield from section(_("Withdrawn"), self.meta.withdrawn if isinstance(self.meta, RankedMeta) else ())
        yield from section(_("Odd in the file"), self.meta.warnings)

    def _head(self) -> Iterator[str]:
        yield _("Rule: %(rule)s") % {"rule": self.result.rule}
        yield settings_line(self.result)
        yield _("Ballots: %(ballots)s") % {"ballots": number_format(self.result.voters)}
        if "quota" in self.content:
            yield _("Quota: %(quota)s, from %(ballots)s ballots with a first preference") % {
                "quota": number_format(self.content["quota"]),
                "ballots": number_format(self.content["valid"]),
            }

    def _winners(self) -> Iterator[str]:
        for number, option in enumerate(self.result.winners, 1):
            yield f"{number}. {self._line(self.standings[option])}"

    def _line(self, standing: Standing) -> str:
        reason = REASONS[standing.reason] % {"round": standing.round}
        changes = "".join(f"; {change}" for change in self._changes(standing))
        return (
            f"{self._option(standing.option)}: {votes_text(standing.votes)}{self._score(standing)}: {reason}{changes}"
        )

    def _score(self, standing: Standing) -> str:
        return "" if standing.score is None else _(", score %(score)s") % {"score": _number(standing.score)}

    def _changes(self, standing: Standing) -> Iterator[str]:
        if standing.votes_short:
            yield _("%(votes)s short") % {"votes": votes_text(standing.votes_short)}
        if standing.votes_to_spare is not None:
            yield _("could have missed %(votes)s") % {"votes": votes_text(standing.votes_to_spare)}
        if standing.beaten_by and not standing.won:
            yield _("behind %(options)s") % {"options": ", ".join(standing.beaten_by)}
        if standing.behind is not None:
            yield _("%(votes)s fewer than the next") % {"votes": _number(standing.behind)}

    def _stages(self) -> Iterator[str]:
        for stage in self.content["rounds"]:
            if "transfers" in stage:
                yield from self._stage(stage)

    def _stage(self, stage: Mapping[str, Any]) -> Iterator[str]:
        yield f"{stage['round']}. {STAGES[stage['stage']] % {'option': stage['option']}}"
        for move in stage["transfers"]:
            to = move["to"] or _("nobody who is still in")
            yield f"     {_number(move['votes'])} → {to}"
        for option, votes in sorted(stage["votes"].items(), key=lambda each: -float(each[1])):
            yield f"   {option}: {_number(votes)}{self._mark(option, stage)}"
        yield "   " + _("no longer count: %(votes)s") % {"votes": _number(stage["exhausted"])}

    def _mark(self, option: str, stage: Mapping[str, Any]) -> str:
        return " " + _("(elected)") if option in stage["elected"] else ""

    def _pairs(self) -> Iterator[str]:
        pairs = self.content.get("pairs", {"options": [], "preferred": []})
        options, table = pairs["options"], pairs["preferred"]
        for place, option in enumerate(options):
            for other in range(place + 1, len(options)):
                numbers = number_format(table[place][other]), number_format(table[other][place])
                yield f"{option} – {options[other]}: {numbers[0]} – {numbers[1]}"

    def _locked(self) -> Iterator[str]:
        for pair in self.content.get("locked", []):
            passed = "" if pair["locked"] else " " + _("(passed over: it would close a circle)")
            yield f"{pair['over']} > {pair['under']}: {number_format(pair['strength'])}{passed}"

    def _option(self, option: str) -> str:
        return f"{option} {self.names[option]}".strip()


def _number(votes: int | str) -> str:
    """Votes as people write them; decimals stay."""
    if isinstance(votes, int):
        return number_format(votes)
    return number_format(votes, len(votes.partition(".")[2]))
