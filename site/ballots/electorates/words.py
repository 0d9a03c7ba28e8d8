"""The groups of voters of a vote, in the words of its page."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from ballots.frozen import FrozenElectorate, FrozenVote
from people.models import Resident


def groups_in_words(vote: FrozenVote) -> list[str]:
    """Who belongs to which group, a line each; none in a vote without groups."""
    return [group_in_words(vote, group) for group in vote.electorates]


def group_in_words(vote: FrozenVote, group: FrozenElectorate) -> str:
    """The name of a group, who is in it, and what became of it at opening."""
    words = {"group": group.title, "who": ", ".join(_conditions(group)) or _("everybody else who may vote")}
    line = f"{group.title}." if _is_its_area(group) else _("%(group)s: %(who)s.") % words
    if group.merged_into is None:
        return line
    other = next(each.title for each in vote.electorates if each.number == group.merged_into)
    merged = _("This group has fewer than %(number)s people, so it is counted with %(other)s.")
    return f"{line} {merged % {'number': vote.publication_threshold, 'other': other}}"


def _is_its_area(group: FrozenElectorate) -> bool:
    """Whether its name says who is in it."""
    more = (group.streets, group.minimum_age is not None, group.minimum_proof is not None)
    return group.area is not None and group.area.name == group.title and not any(more)


def _conditions(group: FrozenElectorate) -> Iterator[str]:
    if group.area is not None:
        yield _("who lives in %(area)s") % {"area": group.area}
    if group.streets:
        yield _("who lives in these streets: %(streets)s") % {"streets": "; ".join(map(str, group.streets))}
    if group.minimum_age is not None:
        yield _("from the age of %(age)s") % {"age": group.minimum_age}
    if group.minimum_proof is not None:
        yield _("with this proof of residence: %(proof)s") % {"proof": Resident.Proof(group.minimum_proof).label}


def paper_in_words(vote: FrozenVote) -> str:
    """What ballots on paper mean for the numbers per group; "" in a vote without paper."""
    if not vote.on_paper:
        return ""
    return _(
        "A ballot on paper does not say which group it is from. It counts in the result, but it is not in the numbers per group."
        " So more people of a group can have voted."
    )


def title_of(vote: FrozenVote, group: FrozenElectorate) -> str:
    """The name of a group with those that are counted with it."""
    merged = [each.title for each in vote.electorates if each.merged_into == group.number]
    return (
        _("%(group)s, with %(others)s") % {"group": group.title, "others": ", ".join(merged)} if merged else group.title
    )
