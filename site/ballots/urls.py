"""Addresses of the ballot box. No address ever holds a code or a choice."""

from django.urls import path

from ballots import casting_views, code_views, log_views, practice_views, views
from ballots.counter.views import booth
from ballots.publishing.views import published_file
from ballots.testers import known_testers

app_name = "ballots"

urlpatterns = [
    path("stemmen/", views.vote_list, name="list"),
    path("stemmen/<uuid:vote_id>/", known_testers(views.vote_page), name="vote"),
    path("stemmen/<uuid:vote_id>/logboek/", known_testers(log_views.log_page), name="log"),
    path("stemmen/<uuid:vote_id>/logboek/log.json", known_testers(log_views.log_json), name="log_json"),
    path("stemmen/<uuid:vote_id>/logboek/volgen/", known_testers(log_views.follow), name="follow_log"),
    path("stemmen/<uuid:vote_id>/bestanden/<str:name>", known_testers(published_file), name="file"),
    path("stemmen/<uuid:vote_id>/stemcode/", known_testers(code_views.voting_code, door=True), name="voting_code"),
    path("stemmen/<uuid:vote_id>/balie/", known_testers(booth), name="booth"),
    path("stemmen/<uuid:vote_id>/kiezen/", known_testers(casting_views.choose), name="choose"),
    path("stemmen/<uuid:vote_id>/oefenen/", known_testers(practice_views.practise), name="practise"),
    path("stemmen/<uuid:vote_id>/opties/<int:number>/foto/", known_testers(views.photo), name="photo"),
    path("stemmen/<uuid:vote_id>/uitbrengen/", known_testers(casting_views.cast), name="cast"),
    path("stemmen/<uuid:vote_id>/wijzigen/", known_testers(casting_views.change), name="change"),
    path("stemmen/<uuid:vote_id>/opzoeken/", known_testers(casting_views.look_up), name="look_up"),
]
