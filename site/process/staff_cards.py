"""Work that waits for staff and belongs to no instrument."""

from datetime import datetime, time

from django.db.models import Count, Max, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from notices.queries import failed_summary
from people.models import User
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
