"""Addresses of what residents bring. The list itself is a Wagtail page."""

from django.urls import path

from proposals.views import publishing, reading, taking_part, writing

app_name = "proposals"

urlpatterns = [
    path("voorstellen/mijn/", writing.mine, name="mine"),
    path("voorstellen/indienen/<int:page_id>/", writing.write, name="write"),
    path("voorstellen/concept/<uuid:key>/", writing.draft, name="draft"),
    path("voorstellen/concept/<uuid:key>/controleren/", writing.check, name="check"),
    path("voorstellen/concept/<uuid:key>/weggooien/", writing.discard, name="discard"),
    path("voorstellen/concept/<uuid:key>/foto/", writing.draft_photo, name="draft_photo"),
    path("voorstellen/lijst/<int:page_id>/atom.xml", publishing.feed, name="feed"),
    path("voorstellen/lijst/<int:page_id>/voorstellen.csv", publishing.table, name="csv"),
    path("voorstellen/lijst/<int:page_id>/voorstellen.json", publishing.data, name="json"),
    path("voorstellen/lijst/<int:page_id>/kaart.geojson", publishing.points, name="points"),
    path("voorstellen/<int:pk>/", reading.detail, name="detail"),
    path("voorstellen/<int:pk>/foto/", reading.photo, name="photo"),
    path("voorstellen/<int:pk>/foto/klein/", reading.photo, {"small": True}, name="small_photo"),
    path("voorstellen/<int:pk>/kaart.geojson", reading.place, name="place"),
    path("voorstellen/<int:pk>/steunen/", taking_part.support, name="support"),
    path("voorstellen/<int:pk>/steun-intrekken/", taking_part.take_support_back, name="take_support_back"),
    path("voorstellen/<int:pk>/opnieuw/", taking_part.write_anew, name="write_anew"),
    path("voorstellen/<int:pk>/intrekken/", taking_part.withdraw, name="withdraw"),
]
