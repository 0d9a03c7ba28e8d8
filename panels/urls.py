"""Addresses of neighbourhoods besides their pages."""

from django.urls import path

from panels import views

app_name = "panels"

urlpatterns = [path("kaart/buurten.geojson", views.map_view, name="map")]
