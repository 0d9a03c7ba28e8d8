"""The result as data: no formulas, no persons, the same figures as the page."""

import csv
import hashlib
import io
import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from ballots.formats.pabulib import read_pb
from budget.exports import safe_cell
from budget.outcome import outcome_of
from tests.factories.budget import make_published_round

pytestmark = pytest.mark.django_db


def download(client, page, form):
    response = client.get(reverse(f"budget:result_{form}", args=[page.pk]))
    assert response.status_code == 200
    return response, b"".join(response)


@pytest.mark.parametrize("text", ["=1+1", "+31", "-x", "@SUM(A1)", "\t=1", "\r=1", " =1", "=cmd|' /C calc'!A0"])
def test_safe_cell_is_no_formula(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Bankjes", "1-2", "a=b", "", "(-1)"])
def test_safe_cell_leaves_ordinary_text(text):
    assert safe_cell(text) == text


def test_csv_holds_every_plan_with_its_reason_and_no_formula(site_root, clerk, client_for):
    page = make_published_round(site_root, clerk, titles=("=HYPERLINK(1)", 'Bank "oud"; nieuw', "Zwem\nbad"))
    response, body = download(client_for(), page, "csv")
    assert response["Content-Disposition"] == 'attachment; filename="result-buurtbudget-oost.csv"'
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["number", "plan", "votes", "cost", "chosen", "order", "why"]
    # The first two are level, so a lot says which was chosen first.
    assert [row[1:5] for row in rows[1:]] == [
        ["'=HYPERLINK(1)", "24", "60000.00", "yes"],
        ['Bank "oud"; nieuw', "24", "30000.00", "yes"],
        ["Zwem\nbad", "1", "70000.00", "no"],
    ]
    assert sorted(row[5] for row in rows[1:]) == ["", "1", "2"]
    assert all(row[6] for row in rows[1:])


def test_json_is_the_sealed_count_whose_digest_the_page_shows(site_root, clerk, client_for):
    page = make_published_round(site_root, clerk)
    _response, body = download(client_for(), page, "json")
    digest = hashlib.sha256(body).hexdigest()
    assert bytes(page.vote.seal.digest).hex() == digest
    assert digest in client_for().get(reverse("budget:result", args=[page.pk])).content.decode()


def test_pb_holds_the_ballots_and_nothing_about_people(site_root, clerk, client_for):
    page = make_published_round(site_root, clerk, ballots=25)
    _response, body = download(client_for(), page, "pb")
    meta, instance = read_pb(io.BytesIO(body))
    assert (instance.voters, instance.budget, sorted(instance.votes)) == (25, page.pot, [1, 24, 24])
    assert meta.values["currency"] == "EUR"
    assert json.loads(meta.values["participatiemix_counting"])["rule"] == "greedy"
    trackers = set(page.vote.ballots.values_list("tracker", flat=True))
    text = body.decode()
    assert not any(tracker in text for tracker in trackers)
    voters = [line.split(";")[0] for line in text.split("voter_id;vote\n")[1].splitlines()]
    assert voters == [str(number) for number in range(1, 26)]


def test_pb_counts_again_to_the_same_winners_with_the_same_lot(site_root, clerk, client_for, tmp_path):
    """The first two plans are level: which of them comes first was drawn."""
    page = make_published_round(site_root, clerk)
    sealed = outcome_of(page).result
    file = tmp_path / "uitslag.pb"
    file.write_bytes(download(client_for(), page, "pb")[1])
    output = io.StringIO()
    call_command("count", str(file), "--json", stdout=output)
    again = json.loads(output.getvalue())
    assert [tie["options"] for tie in again["ties"]] == [tie["options"] for tie in sealed["ties"]] != []
    assert (again["winners"], again["rule"]) == (sealed["winners"], "greedy")
    assert again["settings"]["seed"] == sealed["settings"]["seed"]


def test_exports_of_an_unpublished_page_are_gone(site_root, clerk, client_for):
    page = make_published_round(site_root, clerk)
    page.unpublish()
    for form in ("csv", "json", "pb"):
        assert client_for().get(reverse(f"budget:result_{form}", args=[page.pk])).status_code == 404


def test_catalogue_lists_published_results_only(site_root, clerk, client_for):
    page = make_published_round(site_root, clerk)
    url = reverse("opendata:catalogue")
    listed = json.dumps(client_for().get(url).json())
    assert f"/begroting/{page.pk}/uitslag.csv" in listed
    assert f"/begroting/{page.pk}/uitslag.pb" in listed


def test_catalogue_leaves_out_pages_that_are_not_public(site_root, clerk, client_for):
    page = make_published_round(site_root, clerk)
    page.unpublish()
    assert "uitslag" not in json.dumps(client_for().get(reverse("opendata:catalogue")).json())
