"""Cards on the start page of staff that need two packages of the middle, which do not know each other."""

from django.urls import reverse
from django.utils.translation import gettext as _

from ballots.paper import cards as paper_cards
from conversation.cards import waiting_for
from people.models import User
from process import dashboard


@dashboard.register
def moderation_card(user: User) -> list[dashboard.Card]:
    """What waits for a moderator."""
    waiting = waiting_for(user)
    if waiting is None:
        return []
    url = reverse("moderation:index")
    return [dashboard.Card(_("Contributions to check"), waiting.count, url, oldest=waiting.oldest)]


@dashboard.register
def paper_card(user: User) -> list[dashboard.Card]:
    """Ballots on paper that wait for this person."""
    return [dashboard.Card(task.label, task.count, task.url, oldest=task.since) for task in paper_cards.tasks_of(user)]
