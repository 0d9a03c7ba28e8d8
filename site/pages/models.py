"""The municipality's own pages, and the look of the site."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from pages.blocks import BodyBlock, LinkBlock
from pages.highlights import filled_sections
from pages.retention_table import retention_rows
from pages.routing import DirectRoute


class HomePage(DirectRoute, Page):
    """The first page of the site (startpagina): what residents can do now."""

    intro = models.TextField(_("introduction"), max_length=500)
    buttons = StreamField([("button", LinkBlock())], verbose_name=_("buttons"), max_num=2, blank=True)
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("buttons"), FieldPanel("body")]
    parent_page_types = ["wagtailcore.Page"]
    max_count = 1

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context(request, *args, **kwargs), "sections": filled_sections()}


class ContentPage(Page):
    """A page with text (tekstpagina), such as the accessibility statement."""

    class Role(models.TextChoices):
        NONE = "", _("ordinary page")
        ACCESSIBILITY = "accessibility", _("accessibility statement")
        PRIVACY = "privacy", _("privacy statement")

    intro = models.TextField(_("introduction"), max_length=500, blank=True)
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)
    role = models.CharField(
        _("role in the footer"),
        max_length=15,
        choices=Role,
        blank=True,
        default=Role.NONE,
        help_text=_("The first page with a role stands in the footer of every page."),
    )

    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("body"), FieldPanel("role")]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        rows = retention_rows() if self.role == self.Role.PRIVACY else []
        return {**super().get_context(request, *args, **kwargs), "retention": rows}

    class Meta:
        verbose_name = _("content page")
        verbose_name_plural = _("content pages")


class NewsIndexPage(Page):
    """The list of news (nieuws), newest first."""

    PER_PAGE = 12

    intro = models.TextField(_("introduction"), max_length=500, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types = ["pages.HomePage", "pages.ContentPage"]
    subpage_types = ["pages.NewsPage"]

    class Meta:
        verbose_name = _("news list")
        verbose_name_plural = _("news lists")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        news = (
            NewsPage.objects.child_of(self)
            .live()
            .public()
            .select_related("image")
            .defer_streamfields()
            .order_by("-date", "-pk")
        )
        listed = Paginator(news, self.PER_PAGE).get_page(request.GET.get("page"))
        return {**super().get_context(request, *args, **kwargs), "news": listed}


class NewsPage(Page):
    """A news item (nieuwsbericht)."""

    date = models.DateField(_("date"))
    intro = models.TextField(_("introduction"), max_length=500)
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)
    image = models.ForeignKey(
        "wagtailimages.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("image")
    )
    image_alt = models.CharField(
        _("what the image shows"),
        max_length=200,
        blank=True,
        help_text=_("For people who cannot see the image. Leave empty when it only decorates."),
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("date"),
        FieldPanel("intro"),
        MultiFieldPanel([FieldPanel("image"), FieldPanel("image_alt")], heading=_("Image")),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["pages.NewsIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("news item")
        verbose_name_plural = _("news items")


@register_setting(icon="view")
class SiteLook(BaseSiteSetting):
    """How the site looks (uiterlijk): a theme is a token file in `static/themes/`."""

    class Theme(models.TextChoices):
        RIVER = "river", _("River (blue)")
        MEADOW = "meadow", _("Meadow (green)")

    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.RIVER)
    organisation = models.CharField(_("name of the municipality"), max_length=80, default=settings.SITE_NAME)
    logo = models.ForeignKey(
        "wagtailimages.Image",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("logo"),
        help_text=_("Stands before the name. Leave empty for our own mark."),
    )
    contact = models.TextField(
        _("contact"), max_length=500, blank=True, help_text=_("Stands in the footer: address, telephone, e-mail.")
    )

    panels = [
        FieldPanel("theme"),
        HelpPanel(template="components/admin/theme_preview.html", heading=_("Both themes")),
        FieldPanel("organisation"),
        FieldPanel("logo"),
        FieldPanel("contact"),
    ]

    class Meta:
        verbose_name = _("look and name")
