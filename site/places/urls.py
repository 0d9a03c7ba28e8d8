"""Addresses about places."""

from django.urls import path

from places import views

app_name = "places"
urlpatterns = [
    path("kaart/gebieden.geojson", views.areas_view, name="areas"),
    path("waar-woon-ik/", views.where_view, name="where"),
]
