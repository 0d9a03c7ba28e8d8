"""Addresses of the ballot box. No address ever holds a code or a choice."""

from django.urls import path

from ballots import casting_views, code_views, log_views, practice_views, views
from ballots.publishing.views import published_file

app_name = "ballots"

urlpatterns = [
    path("stemmen/", views.vote_list, name="list"),
    path("stemmen/<uuid:vote_id>/", views.vote_page, name="vote"),
    path("stemmen/<uuid:vote_id>/logboek/", log_views.log_page, name="log"),
    path("stemmen/<uuid:vote_id>/logboek/log.json", log_views.log_json, name="log_json"),
    path("stemmen/<uuid:vote_id>/logboek/volgen/", log_views.follow, name="follow_log"),
    path("stemmen/<uuid:vote_id>/bestanden/<str:name>", published_file, name="file"),
    path("stemmen/<uuid:vote_id>/stemcode/", code_views.voting_code, name="voting_code"),
    path("stemmen/<uuid:vote_id>/kiezen/", casting_views.choose, name="choose"),
    path("stemmen/<uuid:vote_id>/oefenen/", practice_views.practise, name="practise"),
    path("stemmen/<uuid:vote_id>/opties/<int:number>/foto/", views.photo, name="photo"),
    path("stemmen/<uuid:vote_id>/uitbrengen/", casting_views.cast, name="cast"),
    path("stemmen/<uuid:vote_id>/wijzigen/", casting_views.change, name="change"),
    path("stemmen/<uuid:vote_id>/opzoeken/", casting_views.look_up, name="look_up"),
]
