"""Addresses of comments and reports."""

from django.urls import path

from conversation import views

app_name = "conversation"

urlpatterns = [
    path("reacties/nieuw/<int:thread_id>/", views.add, name="add"),
    path("reacties/<int:pk>/", views.show, name="show"),
    path("reacties/<int:pk>/verwijderen/", views.delete, name="delete"),
    path("melden/<slug:kind>/<int:pk>/", views.flag, name="flag"),
]
