"""What the ballot box brings to others: permissions, kinds of notices, the menu."""

from django.utils.translation import gettext_lazy as _

from ballots import showing
from ballots.observing import HEAD
from ballots.telling import CAST, RESULT
from notices import kinds
from pages import highlights, menu
from people.roles import ADMINISTRATOR, AUDITOR, CLERK, PROCESS_MANAGER, grant

WRITE = ("ballots.add_vote", "ballots.change_vote", "ballots.delete_vote")


PEOPLE = ("ballots.issue_code", "ballots.enter_paper", "ballots.serve_counter")


def register() -> None:
    """Called once, when the app is ready."""
    for role in (PROCESS_MANAGER, CLERK, ADMINISTRATOR):
        grant(role, *WRITE, "ballots.view_vote", "ballots.open_vote", "ballots.publish_vote", *PEOPLE)
    for role in (CLERK, ADMINISTRATOR):
        grant(role, "ballots.annul_vote")
    grant(CLERK, "ballots.guard_vote")
    grant(AUDITOR, "ballots.view_vote")
    _register_notices()
    menu.register("ballots", label=_("Votes"), url_name="ballots:list", order=40)
    highlights.register(
        "ballots",
        title=_("You can vote now"),
        load=showing.open_now,
        order=10,
        more_url_name="ballots:list",
        more_label=_("All votes"),
    )


def _register_notices() -> None:
    why_cast = _("A ballot was cast from your account. If it was not you, we want to know.")
    kinds.register(CAST, label=_("A ballot was cast from your account"), mandatory=True, why=why_cast)
    kinds.register(RESULT, label=_("Result of a vote you took part in"), why=_("You voted."))
    why_head = _("You keep an eye on the log of this vote. Keep these mails.")
    kinds.register(HEAD, label=_("New line in the log of a vote you keep an eye on"), why=why_head)
