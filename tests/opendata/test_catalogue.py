"""The catalogue of open data."""

import pytest

from opendata import datasets
from opendata.datasets import Dataset, Download


@pytest.fixture
def sources(monkeypatch):
    """An empty registry."""
    monkeypatch.setattr(datasets, "_sources", {})


def make_dataset(title="Voorstellen") -> Dataset:
    return Dataset(title, "Alle voorstellen", "/voorstellen/", (Download("CSV", "text/csv", "/voorstellen/csv/"),))


def test_source_registered_twice_is_refused(sources):
    datasets.register("proposals", list)
    with pytest.raises(ValueError, match="registered twice"):
        datasets.register("proposals", list)


def test_page_without_data_says_so(sources, client, site_root):
    assert "Er zijn nog geen open data" in client.get("/open-data/").content.decode()


def test_page_lists_each_file_and_escapes(sources, client, site_root):
    datasets.register("proposals", lambda: [make_dataset("<script>alert(1)</script>")])
    page = client.get("/open-data/").content.decode()
    assert '<a class="utrecht-link" href="/voorstellen/csv/">' in page
    assert 'aria-current="page">Open data<' in page
    assert "<script>alert" not in page


def test_catalogue_is_json_ld_with_absolute_addresses(sources, client, db, settings):
    settings.BASE_URL = "https://doemee.example.nl"
    datasets.register("proposals", lambda: [make_dataset()])
    response = client.get("/open-data/catalogus.json")
    assert response["Content-Type"] == "application/ld+json"
    (entry,) = response.json()["dcat:dataset"]
    assert entry["dcat:distribution"] == [
        {
            "@type": "dcat:Distribution",
            "dcat:mediaType": "text/csv",
            "dcat:downloadURL": "https://doemee.example.nl/voorstellen/csv/",
        }
    ]
