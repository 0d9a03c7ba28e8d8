"""The groups of a draft: made, changed and deleted by staff, or one for every neighbourhood."""

from django.db import transaction
from django.db.models import F

from ballots.drafting import AWAY, free_reference
from ballots.models import Electorate, Vote
from ballots.rules import may_edit
from people.verdict import demand
from places.models import Area
from places.queries import within


def save_group(vote: Vote, group: Electorate) -> Electorate:
    """Keeps a group of a draft; a new one comes last. Raises `NotAllowed` for an opened vote."""
    with transaction.atomic():
        _lock(vote)
        if group._state.adding:
            groups = Electorate.objects.filter(vote=vote)
            group.vote, group.number, group.reference = vote, groups.count() + 1, free_reference(groups)
        group.full_clean()
        group.save()
    return group


def delete_group(vote: Vote, number: int) -> None:
    """Deletes a group of a draft; those after it move up."""
    with transaction.atomic():
        _lock(vote)
        Electorate.objects.filter(vote=vote, number=number).delete()
        _renumber(vote)


def move_group_up(vote: Vote, number: int) -> None:
    """Changes places with the group before it: who belongs to both is in the first."""
    with transaction.atomic():
        _lock(vote)
        groups = Electorate.objects.filter(vote=vote)
        groups.filter(number=number - 1).update(number=AWAY)
        groups.filter(number=number).update(number=F("number") - 1)
        groups.filter(number=AWAY).update(number=number)
        _renumber(vote)


def make_neighbourhood_groups(vote: Vote) -> int:
    """Makes a group of every neighbourhood in the area of a draft, in place of the groups it had; how many."""
    with transaction.atomic():
        draft = _lock(vote)
        Electorate.objects.filter(vote=vote).delete()
        areas = list(_neighbourhoods(draft.area))
        if len(areas) < 2:
            return 0
        rows = enumerate(areas, start=1)
        Electorate.objects.bulk_create(
            Electorate(vote=vote, number=number, reference=area.code, title=area.name, area=area)
            for number, area in rows
        )
    return len(areas)


def _neighbourhoods(area: Area | None) -> list[Area]:
    found = Area.objects.filter(kind=Area.Kind.NEIGHBOURHOOD)
    if area is not None:
        found = found.filter(pk__in=within(area))
    return list(found.order_by("code"))


def _lock(vote: Vote) -> Vote:
    """The draft, which nobody opens meanwhile. Opening locks the row too; the trigger is the last guard."""
    draft = Vote.objects.select_for_update(of=("self",)).select_related("area").get(pk=vote.pk)
    demand(may_edit(draft))
    return draft


def _renumber(vote: Vote) -> None:
    groups = Electorate.objects.filter(vote=vote)
    ordered = list(groups.order_by("number").values_list("pk", flat=True))
    groups.update(number=F("number") + AWAY)
    for number, pk in enumerate(ordered, start=1):
        groups.filter(pk=pk).update(number=number)
