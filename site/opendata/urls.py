"""Addresses of open data."""

from django.urls import path

from opendata import views

app_name = "opendata"

urlpatterns = [
    path("open-data/", views.index, name="index"),
    path("open-data/catalogus.json", views.catalogue, name="catalogue"),
]
