"""Every address this service answers."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import admin
from django.urls import include, path

from playlists.run_page import run_page
from vibe import health, metrics, pages
from vibe.doctor.page import doctor
from vibe.throttle import throttled

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("privacy", pages.privacy, name="privacy"),
    path("runs/<slug:public_id>", throttled("runs", 60, timedelta(minutes=1))(run_page), name="run_page"),
    path("admin/doctor/", admin.site.admin_view(doctor), name="admin_doctor"),
    path("admin/", admin.site.urls),
    path("auth/spotify/", include("accounts.urls")),
    path("internal/", include("playlists.urls")),
    path("telegram/", include("botapp.urls")),
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
]

handler400 = pages.bad_request
handler403 = pages.forbidden
handler404 = pages.not_found
handler500 = pages.failed
