from __future__ import annotations

from django.contrib import admin

from recommendations.models import (
    Feedback,
    LibraryState,
    Play,
    RecommendationHistory,
    ResolvedTrack,
    SavedTrack,
    SourceCache,
)
from vibe.clients.admin import ReadOnlyAdmin


@admin.register(SavedTrack)
class SavedTrackAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "account", "added_at", "removed_at")
    list_select_related = ("account",)
    search_fields = ("name", "match_key", "spotify_track_id")
    ordering = ("-added_at",)


@admin.register(LibraryState)
class LibraryStateAdmin(ReadOnlyAdmin):
    list_display = ("account", "total", "next_offset", "completed_at", "synced_at", "plays_gap_at")
    list_select_related = ("account",)


@admin.register(Play)
class PlayAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "account", "played_at", "context")
    list_select_related = ("account",)
    search_fields = ("name", "match_key", "spotify_track_id")
    ordering = ("-played_at",)


@admin.register(RecommendationHistory)
class RecommendationHistoryAdmin(ReadOnlyAdmin):
    list_display = ("match_key", "account", "times_recommended", "first_recommended_at", "last_recommended_at")
    list_select_related = ("account",)
    search_fields = ("match_key", "spotify_track_id", "isrc")
    ordering = ("-last_recommended_at",)


@admin.register(Feedback)
class FeedbackAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    list_display = ("name", "kind", "account", "created_at")
    list_filter = ("kind",)
    list_select_related = ("account",)
    raw_id_fields = ("account",)
    search_fields = ("name",)


@admin.register(ResolvedTrack)
class ResolvedTrackAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Deleting a row has its name looked up again."""

    list_display = ("match_key", "expires_at")
    search_fields = ("match_key",)


@admin.register(SourceCache)
class SourceCacheAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Deleting a row has its question asked again."""

    list_display = ("key", "source", "expires_at")
    list_filter = ("source",)
    search_fields = ("key",)
