"""Neighbourhood pages: what happens in one neighbourhood, in one place."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from pages.blocks import BodyBlock


class NeighbourhoodIndexPage(Page):
    """The list and map of neighbourhoods."""

    intro = models.TextField(_("introduction"), max_length=500, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    search_fields = [*Page.search_fields, index.SearchField("intro")]
    parent_page_types = ["pages.HomePage", "pages.ContentPage"]
    subpage_types = ["panels.NeighbourhoodPage"]

    class Meta:
        verbose_name = _("list of neighbourhoods")
        verbose_name_plural = _("lists of neighbourhoods")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from panels.queries import by_district

        context = super().get_context(request, *args, **kwargs)
        return {**context, "districts": by_district(self), "map_url": reverse("panels:map")}


class NeighbourhoodPage(Page):
    """The platform of one neighbourhood (buurtplatform): one page for each area."""

    area = models.OneToOneField("places.Area", models.PROTECT, related_name="+", verbose_name=_("area"))
    intro = models.TextField(_("introduction"), max_length=500, blank=True)
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("area"), FieldPanel("intro"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["panels.NeighbourhoodIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("neighbourhood page")
        verbose_name_plural = _("neighbourhood pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from panels.queries import show

        return {**super().get_context(request, *args, **kwargs), "neighbourhood": show(self)}
