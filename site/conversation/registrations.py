"""What conversation tells the rest of the site, once, when it starts."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversation import actions, moderation, threads
from conversation.models import Comment
from notices import kinds
from people.roles import ADMINISTRATOR, AUDITOR, MODERATOR, grant


def register() -> None:
    _moderation()
    _notices()
    for role in (MODERATOR, ADMINISTRATOR):
        grant(role, "conversation.view_moderationcase", "conversation.change_moderationcase")
        grant(role, *(f"conversation.{verb}_heldword" for verb in ("add", "change", "delete", "view")))
    # Wagtail has no permission to only see a setting; `people.middleware` refuses an auditor's changes.
    for role in (ADMINISTRATOR, AUDITOR):
        grant(role, "conversation.change_holdsettings")


def _moderation() -> None:
    moderation.register(
        Comment,
        title=lambda comment: comment.text[:80],
        url=lambda comment: comment.get_absolute_url(),
        publish=actions.publish_comment,
        hide=actions.hide_comment,
        public=Q(state=Comment.State.PUBLISHED),
        whole_url=lambda comment, _user: threads.owner_url(comment.thread),
    )


def _notices() -> None:
    why = _("You wrote something on this site.")
    kinds.register("conversation.published", label=_("What you wrote is published"), why=why)
    kinds.register(
        "conversation.hidden", label=_("What you wrote is hidden"), mandatory=True, why=_("You must know this.")
    )
    kinds.register(
        "conversation.report_answered", label=_("What happened with your report"), why=_("You reported something.")
    )
