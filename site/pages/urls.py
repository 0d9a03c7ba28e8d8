"""Addresses of the site as a whole."""

from django.urls import path
from wagtail.views import serve

from pages import styleguide, views

urlpatterns = [
    path("", serve, {"path": ""}, name="home"),
    path("zoeken/", views.search_view, name="search"),
    path("sitemap/", views.sitemap_view, name="sitemap"),
    path("robots.txt", views.robots_view, name="robots"),
    path("favicon.ico", views.favicon_view, name="favicon"),
    path("stijl/", styleguide.styleguide_view, name="styleguide"),
]
