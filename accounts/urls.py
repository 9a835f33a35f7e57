from __future__ import annotations

from django.urls import path

from accounts import views

urlpatterns = [
    path("start", views.start, name="spotify_start"),
    path("callback", views.callback, name="spotify_callback"),
]
