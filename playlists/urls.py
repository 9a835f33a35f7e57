from __future__ import annotations

from django.urls import path

from playlists import views

urlpatterns = [path("jobs/nightly", views.nightly, name="nightly")]
