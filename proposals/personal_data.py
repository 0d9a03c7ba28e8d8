"""Personal data in proposals."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.privacy import After, DataClass, PersonalData, declare
from proposals.models import Endorsement, Submission


def _own_url(submission: Submission) -> str:
    if submission.state == Submission.State.DRAFT:
        return reverse("proposals:draft", args=[submission.request_key])
    return submission.get_absolute_url()


def _supported_url(endorsement: Endorsement) -> str:
    return reverse("proposals:detail", args=[endorsement.submission_id])


declare(
    PersonalData(
        "proposals.Submission",
        fields=("submitter",),
        data_class=DataClass.CONTRIBUTION,
        owner="submitter",
        # The proposal stays, by a former resident; drafts go (`proposals.actions.delete_old_drafts`).
        on_erasure=After.KEEP,
        export=(
            "page__title",
            "title",
            "text",
            "theme__name",
            "area__name",
            "location_text",
            "latitude",
            "longitude",
            "image_alt",
            "state",
            "created_at",
            "submitted_at",
        ),
        files=("image",),
        url=_own_url,
        headings={"latitude": _("latitude"), "longitude": _("longitude")},
    ),
    PersonalData(
        "proposals.Endorsement",
        fields=("resident",),
        data_class=DataClass.SUPPORT,
        owner="resident__user",
        # Who supported goes three months after the decision; the number stays.
        keep=timedelta(days=90),
        since="submission__decided_at",
        on_erasure=After.DELETE,
        export=("submission__title", "created_at"),
        url=_supported_url,
        headings={"submission__title": _("proposal"), "created_at": _("supported on")},
    ),
    PersonalData(
        "proposals.StateChange",
        fields=("actor",),
        data_class=DataClass.STAFF_WORK,
        owner="actor",
    ),
    PersonalData(
        "proposals.OfficialResponse",
        fields=("author",),
        data_class=DataClass.STAFF_WORK,
        owner="author",
    ),
)
