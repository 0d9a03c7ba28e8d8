"""What proposals tell the rest of the site, once, when it starts."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conversation import moderation, threads
from notices import kinds
from pages import highlights, menu, search
from people.queries import resident_of
from people.roles import ADMINISTRATOR, CLERK, MODERATOR, PROCESS_MANAGER, grant
from process import dashboard, instruments, neighbourhood
from proposals import actions, answer_term, rules, showing
from proposals.models import Submission
from proposals.queries import frame_of


def register() -> None:
    _instrument()
    answer_term.register()
    _conversation()
    _notices()
    _roles()
    search.register_source("proposals", _("Proposals"), showing.search_hits)
    highlights.register("proposals", title=_("New proposals"), load=showing.latest, order=30)
    neighbourhood.register("proposals", _("Proposals"), showing.happenings_around)
    dashboard.register(showing.cards)
    menu.register_for_account("proposals", label=_("My proposals"), url_name="proposals:mine", order=10)


def _instrument() -> None:
    verbs = {
        rules.SUBMIT: _("Submit a proposal"),
        rules.SUPPORT: _("Support proposals"),
        rules.COMMENT: _("Comment on proposals"),
    }
    instruments.register(instruments.InstrumentType("proposals", _("Proposals"), verbs))


def _conversation() -> None:
    is_public = Q(state__in=Submission.PUBLIC_STATES, page__live=True)
    moderation.register(
        Submission,
        title=lambda submission: submission.title,
        url=Submission.get_absolute_url,
        publish=actions.publish,
        hide=actions.hide,
        author_field="submitter",
        written_at="submitted_at",
        public=is_public,
        photo_url=lambda submission: reverse("submission:photo", args=[submission.pk]) if submission.image else "",
        whole_url=lambda submission, user: (
            reverse("submission:edit", args=[submission.pk]) if user.has_perm("proposals.view_submission") else ""
        ),
    )
    threads.register(
        Submission,
        may_comment=lambda submission, user, now: rules.may_comment(
            frame_of(submission.page), user, resident_of(user), now
        ),
        url=Submission.get_absolute_url,
        public=is_public,
    )


def _notices() -> None:
    wrote, supports = _("You submitted a proposal."), _("You submitted or support this proposal.")
    kinds.register("proposals.submitted", label=_("Receipt of your proposal"), why=wrote)
    kinds.register("proposals.reached", label=_("A proposal has enough support"), why=supports)
    kinds.register("proposals.extended", label=_("The municipality takes more time for a proposal"), why=supports)
    kinds.register("proposals.changed", label=_("What the municipality does with a proposal"), why=supports)


def _roles() -> None:
    for role in (PROCESS_MANAGER, CLERK):
        grant(role, "proposals.view_submission", "proposals.change_submission")
        grant(role, *(f"proposals.{verb}_theme" for verb in ("add", "change", "delete", "view")))
    for role in (MODERATOR, ADMINISTRATOR):
        grant(role, "proposals.view_submission")
