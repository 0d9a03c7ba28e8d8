"""The demonstration: what it says on one page is also true on the next."""

from django.utils import timezone

from config.demo.site_pages import make_site
from config.demo.votes import vote_values
from pages.models import ContentPage
from process.models import Phase
from tests.factories.budget import make_round


def test_statements_are_those_of_every_municipality(site_root):
    """The demonstration had a shorter accessibility statement of its own, without the status that the law asks for."""
    home = make_site(timezone.localdate()).home
    pages = {page.role: page for page in ContentPage.objects.child_of(home).exclude(role="")}
    assert set(pages) == {"accessibility", "privacy"}
    assert "eerste maatregelen genomen" in str(pages["accessibility"].body)


def test_vote_is_open_on_the_days_of_its_phase(site_root, places):
    """Kills the mutant with dates of its own: the phase said 22 December, the vote 23 December."""
    page = make_round(site_root, stage="vote", area=places.east)
    phase = Phase.objects.get(process=page.get_parent(), opens=["budget.vote"])
    values = vote_values(page)
    moments = [timezone.localtime(values[name]) for name in ("opens_at", "closes_at")]
    assert [moment.date() for moment in moments] == [phase.starts_on, phase.ends_on]
    assert [moment.hour for moment in moments] == [9, 20]
