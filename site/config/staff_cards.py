"""Cards on the start page of staff that need two packages of the middle, which do not know each other."""

from django.urls import reverse
from django.utils.translation import gettext as _

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
