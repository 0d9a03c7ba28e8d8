"""Every address of the site. Dutch has no prefix, English lives below /en/."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from people.staff_account import StaffAccountView

admin_prefix = settings.ADMIN_PREFIX.strip("/")
to_login = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns = [
    # Wagtail's own log-in views know no second factor: every way in goes through allauth.
    path(f"{admin_prefix}/login/", to_login),
    path(f"{admin_prefix}/_util/login/", to_login),
    # Before Wagtail's own, which asks for names that no account has.
    path(f"{admin_prefix}/account/", require_admin_access(StaffAccountView.as_view()), name="staff_account"),
    path(f"{admin_prefix}/", include(wagtailadmin_urls)),
    path("documenten/", include(wagtaildocs_urls)),
    path("sitemap.xml", sitemap),
]

# Each package brings its own addresses; an instrument that is left out brings none.
PACKAGES = ["places", "people", "conversation", "notices", "ballots", "pages", "opendata", *settings.INSTRUMENTS]


def _package_urls() -> list:
    from importlib.util import find_spec

    return [path("", include(f"{name}.urls")) for name in PACKAGES if find_spec(f"{name}.urls")]


def _demo_urls() -> list:
    """The demonstration's own page; no other profile has it."""
    if settings.PROFILE != "demo":
        return []
    from config.demo import views

    return [path("demo/", views.overview, name="demo")]


urlpatterns += i18n_patterns(
    path("account/", include("allauth.urls")),
    *_package_urls(),
    *_demo_urls(),
    path("_util/login/", to_login),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
