"""Registers votes in the admin, and the words of the log."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from ballots.viewsets import VoteViewSet


@hooks.register("register_admin_viewset")
def register_viewset() -> VoteViewSet:
    return VoteViewSet()


PAPER_ACTIONS = {
    "envelopes": (gettext_lazy("Register envelopes"), gettext_lazy("Began to register envelopes")),
    "batch": (gettext_lazy("Make a batch"), gettext_lazy("Batch of paper ballots made")),
    "withdraw_batch": (gettext_lazy("Withdraw a batch"), gettext_lazy("Batch of paper ballots withdrawn")),
    "enter_batch": (gettext_lazy("Enter a batch"), gettext_lazy("Batch of paper ballots entered")),
    "correct_batch": (gettext_lazy("Correct a batch"), gettext_lazy("Own entry of a batch corrected")),
    "accept_batch": (gettext_lazy("Accept a batch"), gettext_lazy("Two persons entered the same, ballots added")),
    "reconcile": (gettext_lazy("Write down the numbers of paper"), gettext_lazy("Numbers of paper written down")),
    "sign": (gettext_lazy("Sign for the paper"), gettext_lazy("Second person signed for the paper")),
}


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action(
        "ballots.agree", gettext_lazy("Agree to the vote"), gettext_lazy("First of two persons agreed to open the vote")
    )
    actions.register_action(
        "ballots.open", gettext_lazy("Open the vote"), gettext_lazy("Vote opened, rules and roll frozen")
    )
    actions.register_action("ballots.close", gettext_lazy("Close the vote"), gettext_lazy("Vote closed by the clock"))
    actions.register_action(
        "ballots.open_test", gettext_lazy("Open a dry run"), gettext_lazy("Dry run opened, with test codes")
    )
    actions.register_action(
        "ballots.wipe_test", gettext_lazy("Delete the dry run"), gettext_lazy("Dry run deleted with everything in it")
    )
    actions.register_action(
        "ballots.count", gettext_lazy("Count the vote"), gettext_lazy("Ballots counted and result sealed")
    )
    actions.register_action(
        "ballots.shred", gettext_lazy("Shred the box"), gettext_lazy("Roll and ballots written again in random order")
    )
    actions.register_action("ballots.publish", gettext_lazy("Publish the result"), gettext_lazy("Result published"))
    actions.register_action(
        "ballots.import", gettext_lazy("Import the vote"), gettext_lazy("Closed vote imported from a file")
    )
    actions.register_action(
        "ballots.forget_roll", gettext_lazy("Delete the roll"), gettext_lazy("Electoral roll deleted")
    )
    _register_code_actions(actions)
    actions.register_action(
        "ballots.add_observer", gettext_lazy("Add an observer"), gettext_lazy("Observer of the log added")
    )
    actions.register_action(
        "ballots.remove_observer", gettext_lazy("Remove an observer"), gettext_lazy("Observer of the log removed")
    )

    for name, (label, message) in PAPER_ACTIONS.items():
        actions.register_action(f"ballots.{name}", label, message)

    @actions.register_action("ballots.annul")
    class Annul(LogFormatter):
        label = gettext_lazy("Annul the vote")

        def format_message(self, log_entry: Any) -> str:
            return _("Vote annulled: %(reason)s") % {"reason": log_entry.data.get("reason", "")}


def _register_code_actions(actions: Any) -> None:
    """What staff do with the register and with voting codes; the log names no voter."""
    texts = {
        "load_register": (gettext_lazy("Load the register"), gettext_lazy("Extract of the register loaded")),
        "add_person": (gettext_lazy("Add a person"), gettext_lazy("Person added to the extract")),
        "export_codes": (gettext_lazy("Export voting cards"), gettext_lazy("Voting cards exported for the printer")),
        "issue_code": (gettext_lazy("Give a voting code"), gettext_lazy("Voting code given on paper")),
        "replace_card": (gettext_lazy("Replace a voting card"), gettext_lazy("Voting card replaced")),
        "make_test_voters": (gettext_lazy("Make test voters"), gettext_lazy("Test voters made")),
    }
    for name, (label, message) in texts.items():
        actions.register_action(f"ballots.{name}", label, message)
