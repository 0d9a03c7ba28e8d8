"""Personal data: declared, kept no longer than that, given to its owner, gone when they leave."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from people import mail, privacy, retention
from people.erasure import erase_account
from people.letters.actions import redeem
from people.models import AccountMail, LetterCode, LetterCodeAttempt, Resident, User
from people.own_data import as_zip, collect
from people.privacy import After, DataClass, PersonalData, declare, undeclared
from tests.factories.letters import make_letters
from tests.factories.people import PASSWORD, make_user

DAY = timedelta(days=1)
# Words that Dutch and English share: (model, word).
SAME_IN_BOTH = {
    ("budget.PlanEvent", "plan"),
    ("mfa.Authenticator", "type"),
    ("people.Resident", "postcode"),
    ("people.User", "accounts"),
    ("usersessions.UserSession", "browser"),
}


# --- Declarations -------------------------------------------------------------------------------------------------


def test_every_personal_field_is_declared():
    """A model with personal data and no declaration fails here: write one in the package's `personal_data.py`."""
    assert undeclared() == []


def test_undeclared_model_is_found(monkeypatch):
    monkeypatch.delitem(privacy._declared, "people.LetterCodeAttempt")
    assert undeclared() == ["people.LetterCodeAttempt.user"]


def test_declaration_names_fields_that_exist(db):
    """Owner, date, emptied and exported fields are asked of the database, so a wrong name fails."""
    nobody = make_user("Niemand")
    for declared in privacy.declarations():
        model = apps.get_model(declared.model)
        names = {field.name for field in model._meta.get_fields()}
        assert set(declared.fields) | set(declared.blank) <= names, declared.model
        assert (
            list(
                declared.rows.filter(**({declared.owner: nobody.pk} if declared.owner else {})).values(
                    *declared.export
                )[:1]
            )
            is not None
        )
        assert not declared.since or declared.rows.filter(**{f"{declared.since}__isnull": False}).count() >= 0
        assert (declared.keep is None) == (not declared.since)


def test_second_declaration_is_an_error():
    with pytest.raises(ImproperlyConfigured):
        declare(PersonalData("people.User", fields=("email",), data_class=DataClass.ACCOUNT))


# --- Retention -----------------------------------------------------------------------------------------------------


@pytest.fixture
def old_and_new(eva):
    """A try and a mail of long ago, and of now."""
    now = timezone.now()
    for at in (now, now - 3 * DAY):
        LetterCodeAttempt.objects.create(user=eva, at=at)
        line = mail.queue_mail(eva.email, "Onderwerp", "Tekst")
        AccountMail.objects.filter(pk=line.pk).update(created_at=at)


def test_retention_deletes_what_is_too_old(old_and_new):
    rows = {line.declaration.model: line.rows for line in retention.apply(timezone.now()) if line.rows}
    assert rows == {"people.LetterCodeAttempt": 1, "people.AccountMail": 1}
    assert (LetterCodeAttempt.objects.count(), AccountMail.objects.count()) == (1, 1)


def test_retention_twice_does_nothing_more(old_and_new):
    retention.apply(timezone.now())
    assert sum(line.rows for line in retention.apply(timezone.now())) == 0


def test_dry_run_changes_nothing(old_and_new, capsys):
    call_command("retention", "--dry-run")
    assert capsys.readouterr().out.endswith("2 rows would go.\n")
    assert LetterCodeAttempt.objects.count() == 2
    call_command("retention")
    assert capsys.readouterr().out.endswith("2 rows went.\n")


def test_retention_forgets_who_used_a_letter(places, clerk, eva):
    _batch, codes = make_letters(places.harbour, clerk)
    redeem(eva, codes[0], timezone.now())
    retention.apply(timezone.now() + timedelta(days=366))
    code = LetterCode.objects.get(redeemed_at__isnull=False)
    assert code.redeemed_by is None
    assert Resident.objects.get(user=eva).proof == 2


# --- Own data --------------------------------------------------------------------------------------------------------


def test_export_has_everything_of_its_owner_and_nothing_of_others(anna, bram):
    anna.user.emailaddress_set.get()
    text = json.dumps(collect(anna.user), default=str)
    assert "anna@example.nl" in text
    assert "Havenbuurt" in text
    for other in ("bram", "Bram", "Heidebuurt"):
        assert other not in text


def test_export_holds_no_secret(dirk):
    text = json.dumps(collect(dirk), default=str)
    secret = Authenticator.objects.get(user=dirk).data["secret"]
    assert secret not in text
    assert dirk.password not in text


def test_export_is_a_zip(client_for, anna):
    answer = client_for(anna).post(reverse("account_export"))
    archive = ZipFile(BytesIO(answer.content))
    assert sorted(archive.namelist()) == ["lees-mij.txt", "mijn-gegevens.json"]
    assert json.loads(archive.read("mijn-gegevens.json"))["gegevens"]["accounts"][0]["e-mailadres"] == "anna@example.nl"
    assert answer["Content-Disposition"].startswith('attachment; filename="mijn-gegevens-')
    assert client_for(anna).get(reverse("account_export")).status_code == 405


def for_residents() -> list[PersonalData]:
    return [found for found in privacy.declarations() if found.data_class is not DataClass.STAFF_WORK]


def test_what_residents_read_about_their_data_is_dutch():
    """A model or field of a package without Dutch needs a `name` or `headings` in its declaration."""
    with translation.override("nl"):
        dutch = [(found.model, found.plural, *map(found.heading, found.export)) for found in for_residents()]
    with translation.override("en"):
        english = [(found.model, found.plural, *map(found.heading, found.export)) for found in for_residents()]
    same = {
        (model, word)
        for (model, *nl), (_model, *en) in zip(dutch, english, strict=True)
        for word, other in zip(nl, en, strict=True)
        if word == other
    }
    assert same == SAME_IN_BOTH


def test_headings_of_an_export_do_not_overwrite_each_other():
    for found in for_residents():
        for language in ("nl", "en"):
            with translation.override(language):
                assert len({found.heading(path) for path in found.export}) == len(found.export), found.model


def test_export_says_choices_in_words(anna):
    with translation.override("nl"):
        home = collect(anna.user)["inwoners"][0]
    assert home["buurt"] == "Havenbuurt"
    assert home["bewijs van bewoning"] == "briefcode ingevuld"


def test_export_is_not_for_visitors(client, db):
    assert client.post(reverse("account_export")).status_code == 302


def test_export_says_nothing_of_ballots(anna):
    assert not [
        declared for declared in privacy.declarations() if declared.model in ("ballots.Ballot", "ballots.RollEntry")
    ]
    assert as_zip(anna.user, timezone.now())


# --- Closing an account ------------------------------------------------------------------------------------------------


def test_erasing_leaves_nothing_that_names_the_person(anna):
    user, now = anna.user, timezone.now()
    mail.queue_mail(user.email, "Onderwerp", "Tekst")
    reference = anna.reference
    erase_account(user, actor=user, now=now)
    user.refresh_from_db()
    anna.refresh_from_db()
    assert (user.display_name, user.is_active, user.erased_at) == (
        "Voormalig inwoner",
        False,
        now,
    ) or not user.is_active
    assert "anna" not in (user.email + user.display_name).lower()
    assert not user.has_usable_password()
    assert (anna.address, anna.neighbourhood, anna.birth_date, anna.proof, anna.proved_at) == (
        None,
        None,
        None,
        0,
        None,
    )
    assert anna.reference != reference
    assert not EmailAddress.objects.filter(user=user).exists()


def test_erasing_is_logged_without_the_name(anna, administrator):
    from django.contrib.auth.models import Group

    anna.user.groups.add(Group.objects.get(name="clerk"))
    erase_account(anna.user, actor=administrator, now=timezone.now())
    entries = ModelLogEntry.objects.filter(object_id=str(anna.user_id))
    assert "people.erase_account" in [entry.action for entry in entries]
    assert "Anna" not in " ".join(entry.label for entry in entries)


def test_erased_account_cannot_log_in(client, anna):
    email = anna.user.email
    erase_account(anna.user, actor=anna.user, now=timezone.now())
    client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    client.post(reverse("account_request_login_code"), {"email": email})
    assert (
        "There is no account" in AccountMail.objects.latest("pk").subject
        or "geen account" in AccountMail.objects.latest("pk").subject
    )


def test_erasing_ends_every_session(client_for, anna):
    there = client_for(anna)
    erase_account(anna.user, actor=anna.user, now=timezone.now())
    assert there.get(reverse("account")).status_code == 302


def test_erasing_one_leaves_the_other(anna, bram):
    before = User.objects.filter(pk=bram.user_id).values().get()
    erase_account(anna.user, actor=anna.user, now=timezone.now())
    assert User.objects.filter(pk=bram.user_id).values().get() == before
    bram.refresh_from_db()
    assert bram.proof == 2


def test_closing_asks_for_the_password_and_a_yes(client_for, anna):
    assert "reauthenticate" in client_for(anna).get(reverse("account_erase"))["Location"]
    client = client_for(anna, recent=True)
    assert client.post(reverse("account_erase"), {}).status_code == 200
    assert client.post(reverse("account_erase"), {"sure": "on"})["Location"] == "/"
    assert "_auth_user_id" not in client.session
    assert User.objects.get(pk=anna.user_id).erased_at is not None


def test_closed_account_stays_closed(client_for, administrator, anna):
    erase_account(anna.user, actor=anna.user, now=timezone.now())
    data = {"display_name": "Anna", "language": "nl", "is_active": "on"}
    client_for(administrator).post(reverse("wagtailusers_users:edit", args=[anna.user_id]), data)
    assert User.objects.get(pk=anna.user_id).is_active is False


def test_what_happens_when_a_period_ends_is_one_of_three():
    assert {declared.then for declared in privacy.declarations()} <= set(After)
