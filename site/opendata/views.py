"""The page and the machine-readable catalogue of open data."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from opendata.datasets import LICENCE, Dataset, all_datasets


def index(request: HttpRequest) -> HttpResponse:
    return render(request, "opendata/index.html", {"datasets": all_datasets(), "crumbs": [(_("Open data"), "")]})


def _absolute(path: str) -> str:
    return settings.BASE_URL + path


def _entry(dataset: Dataset) -> dict[str, Any]:
    return {
        "@type": "dcat:Dataset",
        "dct:title": dataset.title,
        "dct:description": dataset.description,
        "dct:license": LICENCE,
        "dcat:landingPage": _absolute(dataset.page_url),
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dcat:mediaType": download.media_type,
                "dcat:downloadURL": _absolute(download.url),
            }
            for download in dataset.downloads
        ],
    }


def catalogue(request: HttpRequest) -> JsonResponse:
    """The catalogue as JSON-LD in the terms of DCAT 2 (W3C), which data portals harvest."""
    return JsonResponse(
        {
            "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"},
            "@type": "dcat:Catalog",
            "dct:title": settings.SITE_NAME,
            "dct:license": LICENCE,
            "dcat:dataset": [_entry(dataset) for dataset in all_datasets()],
        },
        content_type="application/ld+json",
    )
