"""Addresses of budget rounds; the page of a round itself is a Wagtail page."""

from django.urls import path

from budget import plan_views, result_views, views

app_name = "budget"

urlpatterns = [
    path("begroting/<int:round_id>/plannen/", views.plans, name="plans"),
    path("begroting/<int:round_id>/plannen/kaart.geojson", views.points, name="points"),
    path("begroting/<int:round_id>/plannen/nieuw/", plan_views.NewPlan.as_view(), name="new"),
    path("begroting/<int:round_id>/uitslag/", result_views.result, name="result"),
    path("begroting/<int:round_id>/uitslag.csv", result_views.csv_export, name="result_csv"),
    path("begroting/<int:round_id>/uitslag.json", result_views.json_export, name="result_json"),
    path("begroting/<int:round_id>/uitslag.pb", result_views.pb_export, name="result_pb"),
    path("plannen/mijn/", views.mine, name="mine"),
    path("plannen/<int:plan_id>/", views.plan, name="plan"),
    path("plannen/<int:plan_id>/kaart.geojson", views.place, name="place"),
    path("plannen/<int:plan_id>/foto/", views.photo, name="photo"),
    path("plannen/<int:plan_id>/foto/klein/", views.small_photo, name="small_photo"),
    path("plannen/<int:plan_id>/wijzigen/", plan_views.EditPlan.as_view(), name="edit"),
    path("plannen/<int:plan_id>/foto-kiezen/", plan_views.ChoosePhoto.as_view(), name="choose_photo"),
    path("plannen/<int:plan_id>/controleren/", plan_views.CheckPlan.as_view(), name="check"),
    path("plannen/<int:plan_id>/intrekken/", plan_views.WithdrawPlan.as_view(), name="withdraw"),
]
