"""Work that waits for staff and belongs to no instrument."""

from datetime import datetime, time

from django.db.models import Count, Max, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from notices.queries import failed_summary
from pages.models import SiteLook
from people.models import LetterCode, User
from people.roles import CLERK, PROCESS_MANAGER, has_role
from process.dashboard import Card
from process.models import Phase


def failed_notices(user: User) -> list[Card]:
    """Mails that did not arrive: somebody must decide whether they go again."""
    if not user.has_perm("notices.retry_outboxline"):
        return []
    count, oldest = failed_summary()
    return [Card(_("Mails that failed"), count, reverse("notices_failed"), oldest=oldest)]


def phases_without_outcome(user: User) -> list[Card]:
    """Phases that are over while nobody wrote down what was decided."""
    if not has_role(user, PROCESS_MANAGER, CLERK):
        return []
    over = Phase.objects.filter(process__live=True, ends_on__lt=timezone.localdate(), outcome="")
    found = over.aggregate(
        count=Count("pk"), oldest=Min("ends_on"), pages=Count("process", distinct=True), page=Max("process")
    )
    if not found["count"]:
        return []
    oldest = timezone.make_aware(datetime.combine(found["oldest"], time.max))
    # One process: straight to its form.
    url = (
        reverse("wagtailadmin_pages:edit", args=[found["page"]]) if found["pages"] == 1 else reverse("processes:index")
    )
    return [Card(_("Finished phases without a written outcome"), found["count"], url, oldest=oldest)]


def letters_to_export(user: User) -> list[Card]:
    """Letters with codes that the printer does not have yet, of batches whose codes still work."""
    if not user.has_perm("people.change_letterbatch"):
        return []
    waiting = LetterCode.objects.filter(code_hash=None, voided_at=None, batch__expires_at__gt=timezone.now())
    found = waiting.aggregate(
        count=Count("pk"), oldest=Min("batch__created_at"), batches=Count("batch", distinct=True), batch=Max("batch")
    )
    # One batch: straight to its button.
    one = found["batches"] == 1
    url = reverse("letterbatch:edit", args=[found["batch"]]) if one else reverse("letterbatch:index")
    return [Card(_("Letters to bring to the printer"), found["count"], url, oldest=found["oldest"])]


def missing_contact(user: User) -> list[Card]:
    """The accessibility statement sends people to the foot of the page; nothing stands there yet."""
    if not user.has_perm("pages.change_sitelook") or SiteLook.objects.exclude(contact="").exists():
        return []
    return [
        Card(
            _("Fill in how people reach you: it stands below every page"),
            1,
            reverse("wagtailsettings:edit", args=["pages", "sitelook"]),
        )
    ]
