"""The record of the work with paper (proces-verbaal), and the consent form of the counter, as plain data for their template."""

from typing import Any

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.models import Vote
from ballots.paper.models import PaperBatch, Reconciliation
from ballots.rules import in_words


def for_staff(vote: Vote, done: Reconciliation) -> dict[str, Any]:
    """With the names of who did it, to be signed by hand and kept."""
    return {
        **_common(vote, done),
        "tables": [_numbers(done, str), _batches(vote)],
        "signatures": [to_write(str(person)) for person in (done.first_by, done.second_by) if person],
    }


def for_everybody(vote: Vote, done: Reconciliation) -> dict[str, Any]:
    """What is published: no names, and no number about few people. Differences always stand there."""
    return {**_common(vote, done), "tables": [_numbers(done, _if_many)], "signatures": []}


def for_consent(vote: Vote) -> dict[str, Any]:
    """The form of who wants help at the counter: the rules, and room to write."""
    most = settings.BALLOTS_MOST_HELPED
    rules = [
        _("I want help with voting. I choose myself who helps me."),
        _("One person helps me, and helps only me at that time."),
        _("Who helps does what I say, and tells nobody what I chose."),
        ngettext("One person helps %(number)s voter at most.", "One person helps %(number)s voters at most.", most)
        % {"number": most},
        _("The municipality notes the number of this form, and that somebody was helped. Not what I chose."),
    ]
    labels = [_("Number of this form"), _("Name of the voter"), _("Signature of the voter")]
    labels += [_("Name of the helper"), _("Date of birth of the helper"), _("Signature of the helper")]
    return {
        "language": settings.LANGUAGE_CODE,
        "title": _("Consent to help with voting"),
        "vote": vote.title,
        "lines": rules,
        "tables": [],
        "reason": "",
        "reason-title": "",
        "signatures-title": _("To fill in"),
        "signatures": [to_write(label) for label in labels],
    }


def to_write(label: str) -> str:
    """A label with a line behind it to write on."""
    return f"{label}: ……………………………………"


def _common(vote: Vote, done: Reconciliation) -> dict[str, Any]:
    lines = [
        _("Envelopes were registered while the vote was open. Each marked one person on the list of voters."),
        _(
            "After closing they were opened and mixed. Two persons entered every ballot, without seeing each other's work."
        ),
        _("A batch counted when both had entered the same."),
    ]
    if done.second_at:
        lines.append(
            _("Two persons signed for these numbers, the second on %(moment)s.") % {"moment": in_words(done.second_at)}
        )
    else:
        lines.append(_("A second person has not signed yet."))
    return {
        "language": settings.LANGUAGE_CODE,
        "title": _("Record of the ballots on paper"),
        "vote": vote.title,
        "lines": lines,
        "reason": done.reason,
        "reason-title": _("Why the numbers differ"),
        "signatures-title": _("Signatures"),
    }


def _numbers(done: Reconciliation, as_text: Any) -> dict[str, Any]:
    rows = [
        (_("Envelopes registered"), as_text(done.registered)),
        (_("Envelopes opened"), as_text(done.opened)),
        (_("Envelopes refused, which stayed shut"), as_text(done.shut)),
        (_("Ballots entered and counted"), as_text(done.ballots)),
        (_("Envelopes without a ballot that was counted"), str(done.missing)),
    ]
    return {"title": _("Numbers"), "header": [_("What"), _("How many")], "rows": [list(row) for row in rows]}


def _if_many(number: int) -> str:
    few = settings.BALLOTS_CELL_MINIMUM
    return _("fewer than %(number)s") % {"number": few} if 0 < number < few else number_format(number)


def _batches(vote: Vote) -> dict[str, Any]:
    batches = PaperBatch.objects.filter(vote=vote).prefetch_related("entries__person")
    rows = [
        [str(batch.number), str(batch.size), ", ".join(str(entry.person) for entry in batch.entries.all())]
        for batch in batches
    ]
    return {"title": _("Batches"), "header": [_("Batch"), _("Ballots"), _("Entered by")], "rows": rows}
