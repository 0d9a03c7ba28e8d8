"""Addresses of notices."""

from django.urls import path

from notices import views

app_name = "notices"

urlpatterns = [
    path("berichten/", views.inbox, name="inbox"),
    path("berichten/voorkeuren/", views.preferences, name="preferences"),
    path("berichten/afmelden/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("demo/post/", views.demo_post, name="demo_post"),
    path("demo/post/<uuid:name>/", views.demo_mail, name="demo_mail"),
    path("demo/post/<uuid:name>/html/", views.demo_mail_html, name="demo_mail_html"),
]
