"""A year of proposals: submitted, moderated, supported, discussed and answered, each through the real action."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import F
from shapely import Point
from shapely.geometry import shape

from config.demo.site_pages import Tree, add_process, make_phase
from config.demo.texts import text_of
from conversation.actions import add_comment, decide
from conversation.models import ModerationCase
from notices.models import OutboxLine
from people.models import Resident, User
from places.models import Area
from proposals import actions
from proposals.models import Endorsement, ProposalsPage, Submission, Theme

State = Submission.State
THRESHOLD = 50
# Within the eight weeks for an answer, whenever in the first 25 days the support is enough.
WAITS_FOR = timedelta(days=50)


@dataclass
class Cast:
    """Who plays: the residents, the officer who moderates and answers, and the dice."""

    residents: list[Resident]
    officer: User
    random: Random
    now: datetime

    def key(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def some(self, count: int) -> list[Resident]:
        return self.random.sample(self.residents, min(count, len(self.residents)))


def make_proposals(tree: Tree, cast: Cast) -> ProposalsPage:
    """The process of proposals with everything residents brought in the past year."""
    page = _make_page(tree, cast.now)
    for slug, name in text_of("proposals")["themes"]:
        Theme.objects.create(slug=slug, name=name)
    entries = text_of("proposals")["submissions"]
    waiting = [place for place, entry in enumerate(entries) if entry["state"] in ("reached", "assessed")]
    for place, entry in enumerate(entries):
        # Oldest first, spread over ten months; the newest three days ago.
        at = cast.now - timedelta(days=300 - place * 297 // len(entries), hours=cast.random.randint(0, 9))
        # Of what waits for an answer only the oldest is late.
        at = max(at, cast.now - WAITS_FOR) if place in waiting[1:] else at
        _bring(page, entry, cast, at)
    for place, entry in enumerate(text_of("proposals")["held"]):
        _write(page, entry, cast, cast.now - timedelta(hours=5 + 20 * place))
    return page


def _make_page(tree: Tree, now: datetime) -> ProposalsPage:
    today = now.date()
    phase = make_phase(
        "Voorstellen doen en steunen",
        (today - timedelta(days=330), today + timedelta(days=150)),
        ["proposals.submit", "proposals.support", "proposals.comment"],
        goal="Inwoners zeggen zelf wat er in hun buurt beter kan.",
        influence=f"Elk voorstel krijgt antwoord. Vanaf {THRESHOLD} keer steun moet de gemeente binnen acht weken besluiten.",
    )
    closing = make_phase(
        "Verslag",
        (today + timedelta(days=151), today + timedelta(days=200)),
        [],
        goal="De gemeente vertelt wat er met alle voorstellen is gedaan.",
        influence="U leest per voorstel het besluit en de reden.",
        citizen_rung="inform",
    )
    intro = "Wat kan er beter in uw straat of buurt? Doe een voorstel, of steun dat van een ander."
    process = add_process(tree, "Waterveen maakt plannen", intro, [phase, closing])
    return process.add_child(
        instance=ProposalsPage(
            title="Voorstellen", slug="voorstellen", show_in_menus=True, intro=intro, threshold=THRESHOLD
        )
    )


def _write(page: ProposalsPage, entry: dict[str, Any], cast: Cast, at: datetime) -> Submission:
    area = Area.objects.get(name=entry["area"])
    point = _point_in(area, cast.random)
    values = {
        "title": entry["title"],
        "text": entry["text"],
        "theme": Theme.objects.get(slug=entry["theme"]),
        "area": area,
        "latitude": point.y,
        "longitude": point.x,
    }
    author = _author(area, cast)
    draft = actions.save_draft(page, author, cast.key(), values, cookie_key=None, now=at)
    return actions.submit(draft, author, at)


def _author(area: Area, cast: Cast) -> User:
    """Somebody from the neighbourhood who wrote nothing yet; anybody where that is nobody."""
    fresh = [resident for resident in cast.residents if resident.neighbourhood_id == area.pk and _is_fresh(resident)]
    return cast.random.choice(fresh or cast.residents).user


def _is_fresh(resident: Resident) -> bool:
    return not Submission.objects.filter(submitter=resident.user).exists()


def _point_in(area: Area, random: Random) -> Point:
    polygon = shape(area.boundary or {})
    west, south, east, north = polygon.bounds
    while True:
        point = Point(random.uniform(west, east), random.uniform(south, north))
        if polygon.contains(point):
            return point


def _bring(page: ProposalsPage, entry: dict[str, Any], cast: Cast, at: datetime) -> None:
    submission = _write(page, entry, cast, at)
    _publish_if_held(submission, cast, at + timedelta(hours=2))
    submission.refresh_from_db()
    wanted = (
        min(entry["support"], THRESHOLD - 1) if entry["state"] == "collecting" else max(entry["support"], THRESHOLD)
    )
    _support(submission, cast.some(wanted), cast, at)
    _discuss(submission, entry["comments"], cast, at)
    submission.refresh_from_db()
    _answer(submission, entry, cast, at)


def _support(submission: Submission, people: list[Resident], cast: Cast, at: datetime) -> None:
    """Who makes it reach the threshold acts as on the site; the others, a hundred times as many, are written at once."""
    moments = sorted(_later(at, cast, 25) for _resident in people)
    supporters = list(zip(people, moments, strict=True))
    _write_support(submission, supporters[: THRESHOLD - 1])
    for resident, moment in supporters[THRESHOLD - 1 : THRESHOLD]:
        actions.support(submission, resident.user, moment)
    _write_support(submission, supporters[THRESHOLD:])


def _write_support(submission: Submission, supporters: list[tuple[Resident, datetime]]) -> None:
    rows = [Endorsement(submission=submission, resident=resident, created_at=at) for resident, at in supporters]
    Endorsement.objects.bulk_create(rows)
    Submission.objects.filter(pk=submission.pk).update(support_count=F("support_count") + len(rows))


def _later(at: datetime, cast: Cast, days: int) -> datetime:
    return min(at + timedelta(minutes=cast.random.randint(150, days * 1440)), cast.now)


def _publish_if_held(subject: Any, cast: Cast, at: datetime) -> None:
    """First posts wait for a moderator; this one reads quickly."""
    subject_type = ContentType.objects.get_for_model(subject)
    case = ModerationCase.objects.filter(subject_type=subject_type, subject_id=subject.pk, decision="").first()
    if case is not None:
        decide(case, ModerationCase.Decision.PUBLISH, actor=cast.officer, reason="", now=at)


def _discuss(submission: Submission, texts: list[str], cast: Cast, at: datetime) -> None:
    assert submission.thread is not None
    for number, (text, resident) in enumerate(zip(texts, cast.some(len(texts)), strict=True)):
        when = min(at + timedelta(days=2 + 3 * number), cast.now)
        comment = add_comment(submission.thread, resident.user, text, cast.key(), when)
        _publish_if_held(comment, cast, when)


def _answer(submission: Submission, entry: dict[str, Any], cast: Cast, at: datetime) -> None:
    """Assessed, decided, carried out: as far as the story goes, each step weeks after the one before."""
    steps = {
        "assessed": ["assessed"],
        "accepted": ["assessed", "accepted"],
        "declined": ["assessed", "declined"],
        "executed": ["assessed", "accepted", "executed"],
    }
    reasons = {
        "assessed": "Er is genoeg steun. Wij zoeken uit of het kan en wat het kost.",
        "accepted": "Het past in ons beleid en er is geld voor.",
        "declined": "Het kan niet op deze plek.",
        "executed": "Het werk is klaar.",
    }
    for number, target in enumerate(steps.get(entry["state"], []), 1):
        when = min(at + timedelta(days=27 + 14 * number), cast.now - timedelta(hours=4 - number))
        text = entry["response"] if target in ("accepted", "declined") or (target == "executed") else ""
        actions.answer(submission, target, actor=cast.officer, reason=reasons[target], text=text, now=when)
        submission.refresh_from_db()


def forget_old_mail(named: list[str]) -> None:
    """The past year's mail to residents nobody can log in as was read long ago."""
    OutboxLine.objects.exclude(recipient__email__in=named).delete()
