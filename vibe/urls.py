"""Every address this service answers."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from vibe import health

urlpatterns = [
    path("admin/", admin.site.urls),
    path("auth/spotify/", include("accounts.urls")),
    path("internal/", include("playlists.urls")),
    path("telegram/", include("botapp.urls")),
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
]
