from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """The municipality's pages and the look of the whole site."""

    name = "pages"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from pages import grants, invalidation, news

        grants.register()
        invalidation.connect()
        news.register()
