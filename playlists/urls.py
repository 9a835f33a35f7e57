from __future__ import annotations

from django.urls import path

from playlists import views

urlpatterns = [
    path("jobs/nightly", views.nightly, name="nightly"),
    path("jobs/dry-run", views.dry_run, name="dry-run"),
    path("jobs/dry-run/<int:run_id>", views.dry_run_result, name="dry-run-result"),
]
