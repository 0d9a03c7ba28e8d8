"""What processes bring to others: cards for the home page, neighbourhoods and staff."""

from django.utils.translation import gettext_lazy as _

from notices import kinds
from pages import first_pages, highlights
from people.roles import CLERK, PROCESS_MANAGER, grant
from process import dashboard, discovery, neighbourhood, staff_cards
from process.escalation import LATE
from process.first_page import add_process_list


def register() -> None:
    """Called once, when the app is ready."""
    first_pages.register(add_process_list)
    highlights.register("processes", title=_("Join in now"), load=discovery.running_now, order=15)
    neighbourhood.register("processes", _("Processes"), discovery.processes_around, order=10)
    kinds.register(LATE, label=_("A term of the municipality has passed"), why=_("You are clerk."))
    for role in (PROCESS_MANAGER, CLERK):
        grant(role, "process.view_clock")
    dashboard.register(staff_cards.failed_notices)
    dashboard.register(staff_cards.phases_without_outcome)
    dashboard.register(staff_cards.letters_to_export)
    dashboard.register(staff_cards.missing_contact)
