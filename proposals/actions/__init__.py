"""Verbs on what residents bring. Each asks its rule first and raises `NotAllowed` with the reason."""

from proposals.actions.announcing import announce, announce_waiting
from proposals.actions.drafts import claim_draft, delete_draft, delete_old_drafts, save_draft, write_anew
from proposals.actions.steps import answer, correct_answer, extend_term, hide, publish, submit, withdraw
from proposals.actions.supporting import support, take_support_back

__all__ = [
    "announce",
    "announce_waiting",
    "answer",
    "claim_draft",
    "correct_answer",
    "delete_draft",
    "delete_old_drafts",
    "extend_term",
    "hide",
    "publish",
    "save_draft",
    "submit",
    "support",
    "take_support_back",
    "withdraw",
    "write_anew",
]
