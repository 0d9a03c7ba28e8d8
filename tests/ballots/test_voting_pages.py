"""Voting in the browser's way, without JavaScript: choose, check, receipt, change, look up."""

import json
import logging
import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from ballots.actions import annul_vote, close_vote
from ballots.codes import in_groups, new_code
from ballots.models import Ballot, Option, RollEntry, Vote
from notices.models import OutboxLine
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast, make_open_vote, make_vote, open_by_two

pytestmark = pytest.mark.django_db

CODE = re.compile(r'name="code" value="([0-9A-Z]{24})"')


@pytest.fixture
def vote(site_root, anna, bram):
    return make_open_vote()


def url(name, vote, language="nl"):
    with translation.override(language):
        return reverse(f"ballots:{name}", args=[vote.pk])


def en(name, vote):
    """The English page."""
    return url(name, vote, "en")


def login_url():
    with translation.override("nl"):
        return reverse("account_login")


def text_of(response):
    """The page as somebody reads it: tags and scripts away, white space as one space."""
    page = re.sub(r"(?s)<(head|script|style).*?</\1>", " ", response.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def check(client, vote, *choices, **fields):
    return client.post(url("choose", vote), {"choice-1": choices, "step": "check", **fields})


def code_on(response):
    return CODE.search(response.content.decode()).group(1)


def hidden_fields(response, action):
    """The hidden fields of the form on the page that posts to `action`."""
    form = re.search(rf'(?s)<form[^>]*action="{re.escape(action)}".*?</form>', response.content.decode()).group(0)
    fields = {}
    for name, value in re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    return fields


# --- The straight way --------------------------------------------------------------------------------------------------------


def test_vote_in_three_pages(vote, anna, client_for):
    client = client_for(anna)
    ballot = client.get(url("choose", vote))
    assert ballot.status_code == 200
    assert "Speeltuin, €\u00a040.000" in unescape(ballot.content.decode())
    checked = check(client, vote, 1, 2)
    assert checked.status_code == 200
    assert not Ballot.objects.exists()
    code = code_on(checked)
    assert in_groups(code) in checked.content.decode()
    receipt = client.post(url("cast", vote), hidden_fields(checked, url("cast", vote)))
    assert receipt.status_code == 200
    assert in_groups(code) in receipt.content.decode()
    assert json.loads(Ballot.objects.get(vote=vote).payload) == {"answers": {"1": ["A", "B"]}}
    assert RollEntry.objects.filter(vote=vote, has_cast=True).count() == 1


def test_double_click_and_refresh_give_the_same_receipt(vote, anna, client_for):
    client = client_for(anna)
    fields = hidden_fields(check(client, vote, 1), url("cast", vote))
    first, again, third = (client.post(url("cast", vote), fields) for _number in range(3))
    assert text_of(first) == text_of(again) == text_of(third)
    assert (first.status_code, third.status_code) == (200, 200)
    assert Ballot.objects.count() == 1


def test_receipt_is_the_answer_to_the_post_and_kept_nowhere(vote, anna, client_for):
    client = client_for(anna)
    checked = check(client, vote, 1)
    receipt = client.post(url("cast", vote), hidden_fields(checked, url("cast", vote)))
    for response in (client.get(url("choose", vote)), checked, receipt):
        assert response.headers["Cache-Control"] == "no-store"
    assert "Location" not in receipt.headers


def test_code_is_in_no_address_session_log_or_mail(vote, anna, client_for, caplog, django_capture_on_commit_callbacks):
    client = client_for(anna)
    with caplog.at_level(logging.DEBUG), django_capture_on_commit_callbacks(execute=True):
        checked = check(client, vote, 1)
        code = code_on(checked)
        receipt = client.post(url("cast", vote), hidden_fields(checked, url("cast", vote)))
    # The database driver's own log is off outside DEBUG; it is the one that shows statements.
    logged = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    sessions = " ".join(json.dumps(session.get_decoded()) for session in Session.objects.all())
    lines = " ".join(f"{line.key} {line.payload}" for line in OutboxLine.objects.all())
    addresses = " ".join(re.findall(r'(?:href|action)="([^"]*)"', checked.content.decode() + receipt.content.decode()))
    for secret in (code, in_groups(code)):
        for place in (logged, sessions, lines, addresses, str(receipt.headers), str(client.cookies)):
            assert secret not in place


def test_error_reports_leave_out_what_was_posted(vote, anna, client_for, monkeypatch):
    from django.views.debug import SafeExceptionReporterFilter

    from ballots import casting_views

    seen = []

    def broken(request, *_args):
        seen.append(SafeExceptionReporterFilter().get_post_parameters(request))
        raise RuntimeError

    monkeypatch.setattr(casting_views, "_cast", broken)
    code = new_code()
    with pytest.raises(RuntimeError):
        client_for(anna).post(url("cast", vote), {"choice-1": [1], "code": code})
    assert code not in str(seen)
    assert "choice-1" in seen[0]
    assert seen[0]["choice-1"] != "1"


def test_blank_is_a_choice_of_its_own(vote, anna, client_for):
    client = client_for(anna)
    nothing = client.post(en("choose", vote), {"step": "check"})
    assert "Choose something first" in text_of(nothing)
    both = client.post(en("choose", vote), {"step": "check", "blank-1": "on", "choice-1": [1]})
    assert "Take one of them away" in text_of(both)
    checked = client.post(en("choose", vote), {"step": "check", "blank-1": "on"})
    assert "Blank: none of the options." in text_of(checked)
    receipt = client.post(url("cast", vote), hidden_fields(checked, en("cast", vote)))
    assert receipt.status_code == 200
    assert Ballot.objects.get(vote=vote).payload == '{"answers":{"1":[]}}'


def test_choices_can_be_changed_on_the_way_and_keep_their_code(vote, anna, client_for):
    """Who wrote the code down before going back has written down the right one."""
    client = client_for(anna)
    checked = check(client, vote, 1)
    back = client.post(url("choose", vote), {**hidden_fields(checked, url("choose", vote)), "step": "change"})
    assert back.status_code == 200
    assert 'value="1" ' in back.content.decode()
    fields = hidden_fields(back, url("choose", vote))
    again = check(client, vote, 2, code=fields["code"], replaces=fields["replaces"])
    assert code_on(again) == code_on(checked)
    client.post(url("cast", vote), hidden_fields(again, url("cast", vote)))
    assert json.loads(Ballot.objects.get(vote=vote).payload) == {"answers": {"1": ["B"]}}


def test_server_adds_up(vote, anna, client_for):
    page = client_for(anna).post(en("choose", vote), {"choice-1": [1, 2], "step": "sum"})
    assert "Your choices cost €50,000. You can spend €50,000 more." in text_of(page)


def test_over_budget_says_by_how_much_and_keeps_the_choices(vote, anna, client_for):
    page = client_for(anna).post(en("choose", vote), {"choice-1": [1, 3, 4], "step": "check"})
    assert "That is €25,000 too much" in text_of(page)
    content = page.content.decode()
    assert content.count("checked") >= 3
    assert 'href="#id_choice-1_0"' in content
    assert "<title>Error: " in content
    assert not Ballot.objects.exists()


def test_too_many_options_says_how_many(site_root, anna, client_for):
    vote = make_open_vote(form="approval", max_options=1, max_sum=None)
    page = client_for(anna).post(en("choose", vote), {"choice-1": [1, 2], "step": "check"})
    assert "You can choose 1 at most: take 1 away." in text_of(page)


@pytest.mark.parametrize("choice", ["99", "-1", "0", "x", "1 OR 1=1", "9" * 50, "²", "\0"])
def test_forged_option_is_refused_with_a_sentence(vote, anna, client_for, choice):
    client = client_for(anna)
    checked = client.post(en("choose", vote), {"choice-1": ["1", choice], "step": "check"})
    assert "not on the ballot" in text_of(checked)
    forged = client.post(en("cast", vote), {"choice-1": ["1", choice], "code": new_code()})
    assert forged.status_code == 400
    assert "not on the ballot" in text_of(forged)
    assert not Ballot.objects.exists()


@pytest.mark.parametrize("code", ["", "ABCD", "'; DROP TABLE ballots_ballot; --", "U" * 24])
def test_forged_code_is_refused(vote, anna, client_for, code):
    answer = client_for(anna).post(url("cast", vote), {"choice-1": [1], "code": code})
    assert answer.status_code == 409
    assert not Ballot.objects.exists()


def test_nothing_at_all_is_no_ballot(vote, anna, client_for):
    answer = client_for(anna).post(url("cast", vote), {"code": new_code()})
    assert answer.status_code == 400
    assert not Ballot.objects.exists()


def test_post_without_token_is_refused(vote, anna):
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna.user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(url("cast", vote), {"choice-1": [1], "code": new_code()})
    assert answer.status_code == 403
    assert not Ballot.objects.exists()


def test_address_of_casting_leads_back_when_it_is_opened(vote, anna, client_for):
    answer = client_for(anna).get(url("cast", vote))
    assert (answer.status_code, answer.headers["Location"]) == (302, url("vote", vote))


# --- Log-in in between ----------------------------------------------------------------------------------------------------------


def test_choices_survive_a_log_in(vote, anna):
    client = Client()
    page = check(client, vote, 1, 3)
    assert page.status_code == 403
    login = re.search(r'primary-action" href="([^"]*account/login[^"]*)"', page.content.decode()).group(1)
    assert login == f"{login_url()}?next={url('choose', vote)}"
    client.force_login(anna.user, backend="django.contrib.auth.backends.ModelBackend")
    back = client.get(url("choose", vote))
    ticked = re.findall(r'value="(\d)"[^>]*checked|checked[^>]*value="(\d)"', back.content.decode())
    assert {first or second for first, second in ticked} == {"1", "3"}
    checked = check(client, vote, 1, 3)
    client.post(url("cast", vote), hidden_fields(checked, url("cast", vote)))
    assert json.loads(Ballot.objects.get(vote=vote).payload) == {"answers": {"1": ["A", "C"]}}
    assert client.cookies["ballot-choices"].value == ""


def test_kept_choices_are_on_the_device_only(vote):
    """Not in the session, not in an address, and sent to this vote's pages only."""
    client = Client()
    page = check(client, vote, 4)
    cookie = client.cookies["ballot-choices"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (
        url("vote", vote),
        True,
        "Lax",
        1800,
    )
    assert not Session.objects.exists()
    assert "choice" not in re.search(r'href="([^"]*account/login[^"]*)"', page.content.decode()).group(1)


def test_forged_cookie_brings_nothing_back(vote, anna, client_for):
    client = client_for(anna)
    client.cookies["ballot-choices"] = "1.2:forged"
    assert "checked" not in client.get(url("choose", vote)).content.decode()


def test_session_that_ended_on_the_check_page_costs_no_choices(vote, anna, client_for):
    client = client_for(anna)
    fields = hidden_fields(check(client, vote, 2), url("cast", vote))
    client.logout()
    answer = client.post(url("cast", vote), fields)
    assert answer.status_code == 403
    assert "Bankjes" in text_of(answer)
    assert "ballot-choices" in client.cookies
    assert not Ballot.objects.exists()


# --- Who may not -------------------------------------------------------------------------------------------------------------------


def test_bram_and_chaima_read_why_before_they_choose(site_root, places, anna, bram, chaima, client_for):
    vote = make_open_vote(area=places.east)
    assert client_for(anna).get(url("choose", vote)).status_code == 200
    for person, reason in ((bram, "people who live in Wijk Oost"), (chaima, "from the age of 16")):
        client = client_for(person)
        page = client.get(en("choose", vote))
        assert reason in text_of(page)
        assert "<fieldset" not in page.content.decode()
        forced = client.post(en("cast", vote), {"choice-1": [1], "code": new_code()})
        assert forced.status_code == 403
        assert reason in text_of(forced)
        assert "Speeltuin" in text_of(forced)
    assert not Ballot.objects.exists()


def test_account_without_residence_reads_why(vote, eva, client_for):
    client = client_for(eva)
    assert "no longer changes. You were not on it then." in text_of(client.get(en("choose", vote)))
    page = text_of(client.get(en("vote", vote)))
    assert "You cannot vote here." in page
    assert "Change your vote" not in page
    assert "Go to the ballot" not in page
    assert client.post(url("cast", vote), {"choice-1": [1], "code": new_code()}).status_code == 403


def test_second_vote_with_another_code_is_refused(vote, anna, client_for):
    client = client_for(anna)
    cast(vote, anna, [1])
    assert "You have voted already." in text_of(client.get(en("choose", vote)))
    second = client.post(en("cast", vote), {"choice-1": [2], "code": new_code(), "replaces": "0"})
    assert second.status_code == 409
    assert "You have voted already." in text_of(second)
    assert "Bankjes" in text_of(second)


# --- When the vote closes meanwhile ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["choose", "cast"])
def test_stale_form_after_closing_keeps_the_choices_to_copy(vote, anna, client_for, name):
    client = client_for(anna)
    with database_clock(vote.closes_at):
        answer = client.post(en(name, vote), {"choice-1": [1, 4], "code": new_code(), "step": "check"})
    assert answer.status_code == 409
    text = text_of(answer)
    assert "Voting closed on" in text
    assert "Copy it if you want to use it later." in text
    assert "Speeltuin" in text
    assert "Bomen" in text
    assert not Ballot.objects.exists()


def test_annulled_vote_says_so(vote, anna, clerk, client_for):
    annul_vote(vote, actor=clerk, reason="Verkeerde bedragen")
    answer = client_for(anna).post(en("cast", vote), {"choice-1": [1], "code": new_code()})
    assert answer.status_code == 409
    assert "annulled" in text_of(answer)


def test_vote_that_has_not_begun_takes_nothing(site_root, anna, client_for):
    vote = make_open_vote(opens_in=timedelta(days=1))
    answer = client_for(anna).post(en("cast", vote), {"choice-1": [1], "code": new_code()})
    assert answer.status_code == 409
    assert "Voting opens on" in text_of(answer)


def test_draft_does_not_exist_for_the_public(site_root, anna, client_for):
    draft = make_vote()
    for name in ("vote", "choose", "cast", "change", "look_up"):
        assert client_for(anna).get(url(name, draft)).status_code == 404


# --- With the code ------------------------------------------------------------------------------------------------------------------


def test_vote_is_changed_with_its_code(vote, anna, client_for):
    client = client_for(anna)
    code = new_code()
    cast(vote, anna, [1], code)
    page = client.post(url("change", vote), {"code": in_groups(code).lower()})
    fields = hidden_fields(page, url("choose", vote))
    assert (fields["code"], fields["replaces"]) == ([code], ["1"])
    assert 'value="1" ' in page.content.decode()
    checked = check(client, vote, 2, code=code, replaces="1")
    assert code_on(checked) == code
    receipt = client.post(url("cast", vote), hidden_fields(checked, url("cast", vote)))
    assert receipt.status_code == 200
    ballot = Ballot.objects.get(vote=vote)
    assert (ballot.version, json.loads(ballot.payload)) == (2, {"answers": {"1": ["B"]}})


def test_refreshed_first_receipt_does_not_undo_a_change(vote, anna, client_for):
    client = client_for(anna)
    fields = hidden_fields(check(client, vote, 1), url("cast", vote))
    client.post(url("cast", vote), fields)
    changed = check(client, vote, 2, code=fields["code"], replaces="1")
    client.post(url("cast", vote), hidden_fields(changed, url("cast", vote)))
    assert client.post(url("cast", vote), fields).status_code == 409
    assert json.loads(Ballot.objects.get(vote=vote).payload) == {"answers": {"1": ["B"]}}


def test_vote_that_cannot_be_changed_says_so(site_root, anna, client_for):
    vote = make_open_vote(change_policy=Vote.ChangePolicy.NONE)
    client = client_for(anna)
    assert "you cannot change your vote" in text_of(client.get(en("change", vote)))
    assert "Change your vote" not in text_of(client.get(en("vote", vote)))


def test_changing_asks_to_log_in_first(vote):
    answer = Client().get(url("change", vote))
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{login_url()}?next={url('change', vote)}"


def test_ballot_is_looked_up_with_the_code_alone(vote, anna):
    code = new_code()
    cast(vote, anna, [1, 2], code)
    client = Client()
    page = client.post(en("look_up", vote), {"code": in_groups(code)})
    assert "Speeltuin" in text_of(page)
    assert "Fietsenrek" not in text_of(page)
    assert page.headers["Cache-Control"] == "no-store"
    with database_clock(vote.closes_at):
        close_vote(vote)
    assert "Speeltuin" in text_of(client.post(url("look_up", vote), {"code": code}))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Fill in your voting receipt code."),
        ("ABCD", "no voting receipt code"),
        ("0" * 24, "No ballot of this vote has this code."),
    ],
)
def test_wrong_code_finds_nothing(vote, anna, typed, sentence):
    cast(vote, anna, [1])
    page = Client().post(en("look_up", vote), {"code": typed})
    assert sentence in text_of(page)
    assert "Speeltuin" not in text_of(page)


# --- What others wrote ---------------------------------------------------------------------------------------------------------------

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def test_script_in_every_text_field_is_text(site_root, anna, client_for, clerk):
    vote = make_vote(title=SCRIPT, question=SCRIPT)
    Option.objects.filter(vote=vote).update(title=SCRIPT, text=SCRIPT, url="/x")
    open_by_two(vote)
    client = client_for(anna)
    pages = [client.get("/stemmen/"), client.get(url("vote", vote)), client.get(url("choose", vote))]
    pages += [
        checked := check(client, vote, 1),
        client.post(url("cast", vote), hidden_fields(checked, url("cast", vote))),
    ]
    annul_vote(vote, actor=clerk, reason=SCRIPT)
    for page in [*pages, client.get(url("vote", vote))]:
        assert page.status_code == 200
        content = page.content.decode()
        assert "<script>alert" not in content
        assert "<img src=x" not in content
        assert "&lt;script&gt;" in content


def test_no_page_has_inline_script_or_style(vote, anna, client_for):
    client = client_for(anna)
    checked = check(client, vote, 1)
    pages = [client.get(url(name, vote)) for name in ("vote", "choose", "look_up", "change")] + [checked]
    pages.append(client.post(url("cast", vote), hidden_fields(checked, url("cast", vote))))
    for page in pages:
        content = page.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)", content)
        assert not re.search(r'\s(style|on\w+)="', content)


def test_option_text_can_be_read_before_choosing(site_root, anna, client_for):
    vote = make_vote()
    Option.objects.filter(vote=vote, number=1).update(text="Met een glijbaan.", url="/plannen/1/")
    open_by_two(vote)
    page = client_for(anna).get(url("choose", vote)).content.decode()
    assert "Met een glijbaan." in page
    assert 'href="/plannen/1/"' in page
    assert page.count('<details class="pm-more-about"') == 1


def test_kept_choices_expire(vote, anna, client_for, monkeypatch):
    client = client_for(anna)
    anonymous = Client()
    check(anonymous, vote, 1)
    client.cookies["ballot-choices"] = anonymous.cookies["ballot-choices"].value
    assert "checked" in client.get(url("choose", vote)).content.decode()
    import time

    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 1801)
    assert timezone.now()
    assert "checked" not in client.get(url("choose", vote)).content.decode()
