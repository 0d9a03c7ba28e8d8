"""Addresses of the ballot box. No address ever holds a code or a choice."""

from django.urls import path

from ballots import casting_views, practice_views, views

app_name = "ballots"

urlpatterns = [
    path("stemmen/", views.vote_list, name="list"),
    path("stemmen/<uuid:vote_id>/", views.vote_page, name="vote"),
    path("stemmen/<uuid:vote_id>/kiezen/", casting_views.choose, name="choose"),
    path("stemmen/<uuid:vote_id>/oefenen/", practice_views.practise, name="practise"),
    path("stemmen/<uuid:vote_id>/opties/<int:number>/foto/", views.photo, name="photo"),
    path("stemmen/<uuid:vote_id>/uitbrengen/", casting_views.cast, name="cast"),
    path("stemmen/<uuid:vote_id>/wijzigen/", casting_views.change, name="change"),
    path("stemmen/<uuid:vote_id>/opzoeken/", casting_views.look_up, name="look_up"),
]
