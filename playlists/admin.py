from __future__ import annotations

import json

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_q.models import Schedule

from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from vibe.clients.admin import ReadOnlyAdmin

REQUEST = ("trigger", "day", "night", "dry_run", "asked", "size_asked", "min_new_ratio", "created_at")
COURSE = (
    *("attempts", "stage", "not_before", "enqueued_at", "started_at", "finished_at", "lease_until"),
    *("mode", "marker", "kept", "tidied_at"),
)


class Tracks(admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy alone
    model = PlaylistRunTrack
    fields = ("position", "artists", "name", "why", "source", "score", "is_new_to_bot")
    readonly_fields = ("why",)
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(PlaylistRun)
class PlaylistRunAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "status", "total", "new", "trigger", "dry_run", "day", "notes")
    list_filter = ("status", "trigger", "dry_run")
    list_select_related = ("user",)
    ordering = ("-created_at",)
    search_fields = ("user__username", "playlist_id")
    fieldsets = (
        (None, {"fields": ("user", "status", "notes", "playlist", "total", "new", "reused", "novelty", "relaxations")}),
        (_("Request"), {"fields": REQUEST}),
        (_("Course"), {"fields": COURSE}),
        (_("Report"), {"fields": ("account_of_itself",), "classes": ("collapse",)}),
    )
    readonly_fields = ("notes", "playlist", "account_of_itself")
    inlines = (Tracks,)

    @admin.display(description=_("Playlist"))
    def playlist(self, run: PlaylistRun) -> str:
        return format_html('<a href="{}">{}</a>', run.playlist_url, run.playlist_name) if run.playlist_url else "-"

    @admin.display(description=_("Sources, calls, milliseconds"))
    def account_of_itself(self, run: PlaylistRun) -> str:
        return format_html("<pre>{}</pre>", json.dumps(run.report, indent=2, ensure_ascii=False))


@admin.register(PlaylistRunTrack)
class PlaylistRunTrackAdmin(ReadOnlyAdmin):
    list_display = ("name", "artists", "run", "position", "source", "is_new_to_bot")
    list_filter = ("source", "is_new_to_bot")
    list_select_related = ("run__user",)
    ordering = ("-run", "position")
    search_fields = ("name", "artists", "spotify_track_id")


# Whoever may add a schedule may run any function; only migrations do.
admin.site.unregister(Schedule)
admin.site.register(Schedule, ReadOnlyAdmin)


@admin.register(RunLedger)
class RunLedgerAdmin(ReadOnlyAdmin):
    list_display = ("run",)
    list_select_related = ("run__user",)
    ordering = ("-run",)
