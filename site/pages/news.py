"""The newest news on the home page."""

from django.utils import formats
from django.utils.translation import gettext_lazy as _

from pages import highlights
from pages.highlights import Highlight
from pages.languages import content_language
from pages.models import NewsPage


def newest(limit: int) -> list[Highlight]:
    news = NewsPage.objects.live().public().defer_streamfields().order_by("-date", "-pk")[:limit]
    return [
        Highlight(
            item.title,
            item.get_url() or "",
            item.intro,
            meta=(formats.date_format(item.date, "DATE_FORMAT"),),
            lang=content_language(),
        )
        for item in news
    ]


def register() -> None:
    highlights.register("news", title=_("News"), load=newest, order=90)
