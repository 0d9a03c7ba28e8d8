"""Addresses of published results; the page of a referendum itself is a Wagtail page."""

from django.urls import path

from referendum import views

# `referendum` alone is the name of its pages in the admin.
app_name = "referendums"

urlpatterns = [
    path("referenda/<int:referendum_id>/uitslag.svg", views.picture, name="picture"),
    path("referenda/<int:referendum_id>/uitslag.png", views.card, name="card"),
    path("referenda/<int:referendum_id>/uitslag.csv", views.table, name="table"),
    path("referenda/<int:referendum_id>/buurten.svg", views.groups_picture, name="groups_picture"),
    path("referenda/<int:referendum_id>/buurten.csv", views.groups_table, name="groups_table"),
    path("referenda/<int:referendum_id>/inbed/", views.frame, name="frame"),
]
