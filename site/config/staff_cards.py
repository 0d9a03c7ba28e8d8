"""Cards on the start page of staff that need two packages of the middle, which do not know each other."""

from django.apps import apps
from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ballots.models import Vote
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


# Each instrument brings cards for its own votes: (app, model that links a page to its vote).
LINKS = (("budget", "RoundVote"), ("referendum", "ReferendumVote"))


@dashboard.register
def vote_cards(user: User) -> list[dashboard.Card]:
    """Votes that belong to no page of an instrument: to open, and to publish."""
    cards = []
    if user.has_perm("ballots.open_vote"):
        cards.append(_votes(_("Votes to agree to and open"), Vote.State.DRAFT, "opens_at"))
    if user.has_perm("ballots.publish_vote"):
        cards.append(_votes(_("Results of votes to publish"), Vote.State.COUNTED, "closes_at"))
    return cards


def _votes(label: str, state: Vote.State, moment: str) -> dashboard.Card:
    """Due at the first of these moments."""
    found = _without_page(state).aggregate(number=Count("pk"), first=Min(moment))
    return dashboard.Card(label, found["number"], f"{reverse('vote:index')}?state={state}", due=found["first"])


def _without_page(state: Vote.State) -> QuerySet[Vote]:
    votes = Vote.objects.filter(state=state, is_test=False)
    for app, model in LINKS:
        if apps.is_installed(app):
            votes = votes.exclude(pk__in=apps.get_model(app, model).objects.values("vote"))
    return votes
