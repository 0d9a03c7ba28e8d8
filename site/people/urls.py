"""Addresses of “My account”; names that begin with `account` are open to auditors too (`people.middleware`)."""

from django.urls import path

from people import views

urlpatterns = [
    path("mijn-gegevens/", views.account_view, name="account"),
    path("mijn-gegevens/wijzigen/", views.details_view, name="account_details"),
    path("mijn-gegevens/adres/", views.home_view, name="account_home"),
    path("mijn-gegevens/downloaden/", views.export_view, name="account_export"),
    path("mijn-gegevens/sluiten/", views.erase_view, name="account_erase"),
    path("briefcode/", views.letter_code_view, name="letter_code"),
]
