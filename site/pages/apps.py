from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """The municipality's pages and the look of the whole site."""

    name = "pages"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from pages import grants, invalidation, news
        from pages.queries import municipality_name
        from people.sender import read_name_with

        grants.register()
        invalidation.connect()
        news.register()
        read_name_with(municipality_name)
