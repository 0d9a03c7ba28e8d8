"""What stays of a person in proposals and conversations, and what goes."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

from django.conf import settings
from django.utils import timezone, translation

from conversation import actions as conversation
from conversation.models import Comment, Flag, ModerationCase
from pages.uploads import read_photo, store_photo
from people import retention
from people.erasure import erase_account
from people.own_data import as_zip
from people.privacy import undeclared
from proposals import actions
from proposals.models import Endorsement, Submission
from tests.factories.people import make_resident
from tests.factories.proposals import make_comment, make_submission, make_support, make_upload

NOW = timezone.now()
State = Submission.State


def test_every_personal_field_is_declared():
    ours = [name for name in undeclared() if name.split(".")[0] in ("proposals", "conversation")]
    assert ours == []


def test_supporters_go_three_months_after_the_decision(page, anna, dirk, places):
    submission = make_submission(page, anna, state=State.ASSESSED)
    make_support(submission, anna, make_resident("Buur", places.harbour))
    actions.answer(submission, "declined", actor=dirk, reason="Te duur.", text="Nee.", now=NOW)

    retention.apply(NOW + timedelta(days=89))
    assert Endorsement.objects.count() == 2
    retention.apply(NOW + timedelta(days=91))
    assert (Endorsement.objects.count(), Submission.objects.get().support_count) == (0, 2)


def test_supporters_stay_as_long_as_there_is_no_decision(submission, anna):
    make_support(submission, anna)
    retention.apply(NOW + timedelta(days=999))
    assert Endorsement.objects.count() == 1


def test_reopened_decision_counts_anew(page, anna, dirk):
    submission = make_submission(page, anna, state=State.ASSESSED)
    actions.answer(submission, "declined", actor=dirk, reason="Te duur.", text="Nee.", now=NOW)
    actions.answer(submission, "assessed", actor=dirk, reason="Toch bekijken.", text="", now=NOW)
    assert Submission.objects.get().decided_at is None


def test_closed_account_leaves_contributions_without_a_name(client, submission, anna, bram, dirk):
    make_comment(submission.thread, anna, "Een reactie van mij.")
    make_submission(submission.page, anna, state=State.DRAFT)
    make_support(submission, anna)
    conversation.flag(submission, bram.user, "Dit hoort hier niet.", NOW)
    erase_account(anna.user, actor=anna.user, now=NOW)
    actions.delete_old_drafts(NOW)

    shown = client.get(submission.get_absolute_url()).content.decode()
    assert submission.title in shown
    assert "Anna" not in shown
    case = ModerationCase.objects.get()
    assert (case.author, case.title) == (None, "")
    assert Endorsement.objects.count() == 0
    assert Submission.objects.filter(state=State.DRAFT).count() == 0
    assert Comment.objects.get().author_name != "Anna"

    erase_account(bram.user, actor=bram.user, now=NOW)
    assert Flag.objects.count() == 0


def test_closed_account_of_somebody_hidden_keeps_the_decision(submission, anna, dirk):
    conversation.review(submission, "hide", actor=dirk, reason="Scheldt.", now=NOW)
    erase_account(anna.user, actor=anna.user, now=NOW)
    case = ModerationCase.objects.get()
    assert (case.decision, case.decided_by, case.author, case.title) == ("hide", dirk, None, "")


def test_export_holds_my_own_and_nobody_elses(submission, anna, bram):
    make_comment(submission.thread, anna, "Van Anna zelf")
    make_comment(submission.thread, bram, "Van Bram")
    make_submission(submission.page, bram, title="Plan van Bram")
    make_submission(submission.page, anna, state=State.DRAFT, title="Concept van Anna")
    with ZipFile(BytesIO(as_zip(anna.user, NOW))) as archive:
        found = archive.read("mijn-gegevens.json").decode()
    assert json.loads(found)
    for words in (submission.title, "Van Anna zelf", "Concept van Anna"):
        assert words in found
    for words in ("Van Bram", "Plan van Bram", bram.user.email):
        assert words not in found


def test_export_holds_photos_places_and_addresses(client_for, page, anna, bram, places):
    """Each proposal says where it is, and its photo lies in the ZIP; nobody else's photo does."""
    place = {"latitude": 52.005, "longitude": 5.005, "area": places.harbour}
    mine = make_submission(page, anna, image_alt="Een leeg park", **place)
    draft = make_submission(page, anna, state=State.DRAFT, title="Concept")
    gone, others = make_submission(page, anna), make_submission(page, bram)
    for submission in (mine, gone, others):
        store_photo(submission.image, read_photo(make_upload()))
        submission.save()
    gone.image.storage.delete(gone.image.name)
    make_support(others, anna)

    with translation.override("en"):
        content = as_zip(anna.user, NOW)
    with ZipFile(BytesIO(content)) as archive:
        photos = [name for name in archive.namelist() if name.startswith("photos/")]
        data = json.loads(archive.read("my-data.json"))["data"]
        assert photos == [f"photos/submission-{mine.pk}.webp"]
        with mine.image.open() as stored:
            assert archive.read(photos[0]) == stored.read()
    rows = {row["title"]: row for rows in data.values() for row in rows if row.get("title")}
    first = next(row for rows in data.values() for row in rows if row.get("image") == photos[0])
    assert (first["latitude"], first["longitude"], first["area"]) == (52.005, 5.005, "Havenbuurt")
    assert first["address on the site"] == f"{settings.BASE_URL}/en/voorstellen/{mine.pk}/"
    assert client_for(anna).get(rows["Concept"]["address on the site"]).status_code == 200
    assert rows["Concept"]["address on the site"].endswith(f"{draft.request_key}/")
    supports = [row for rows in data.values() for row in rows if "supported on" in row]
    assert [row["address on the site"] for row in supports] == [f"{settings.BASE_URL}/en/voorstellen/{others.pk}/"]
