"""What referendums tell the rest of the site, once, when it starts."""

from django.utils.translation import gettext_lazy as _

from notices import kinds
from opendata import datasets
from people.roles import ADMINISTRATOR, CLERK, PROCESS_MANAGER, grant
from process import dashboard, instruments, neighbourhood
from referendum import cards, discovery
from referendum.standing import VERBS
from referendum.telling import DECIDED


def register() -> None:
    """Called once, when the app is ready. Pages are found by the search over pages; open votes are on the home page by `ballots`."""
    instruments.register(
        instruments.InstrumentType("referendum", _("Referendum"), VERBS, pages=("referendum.ReferendumPage",))
    )
    dashboard.register(cards.cards)
    datasets.register("referendum", discovery.datasets)
    neighbourhood.register("referendum", _("Referendums"), discovery.referendums_around)
    kinds.register(DECIDED, label=_("What the council does with a vote you took part in"), why=_("You voted."))
    for role in (PROCESS_MANAGER, CLERK, ADMINISTRATOR):
        grant(role, "referendum.view_referendumpage", "referendum.add_referendumvote", "referendum.add_councildecision")
