from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from vibe.clients.admin import ReadOnlyAdmin


class Tracks(admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy alone
    model = PlaylistRunTrack
    fields = ("position", "artists", "name", "source", "reason", "score", "is_new_to_bot")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(PlaylistRun)
class PlaylistRunAdmin(ReadOnlyAdmin):
    list_display = ("day", "user", "trigger", "status", "dry_run", "total", "new", "novelty", "notes", "created_at")
    list_filter = ("status", "trigger", "dry_run")
    list_select_related = ("user",)
    date_hierarchy = "day"
    ordering = ("-created_at",)
    search_fields = ("user__username", "playlist_id")
    exclude = ("lease_token", "error_params")
    readonly_fields = ("notes", "playlist_url")
    inlines = (Tracks,)


@admin.register(PlaylistRunTrack)
class PlaylistRunTrackAdmin(ReadOnlyAdmin):
    list_display = ("name", "artists", "run", "position", "source", "is_new_to_bot")
    list_filter = ("source", "is_new_to_bot")
    list_select_related = ("run__user",)
    ordering = ("-run", "position")
    search_fields = ("name", "artists", "spotify_track_id")


@admin.register(RunLedger)
class RunLedgerAdmin(ReadOnlyAdmin):
    list_display = ("run",)
    list_select_related = ("run__user",)
    ordering = ("-run",)
