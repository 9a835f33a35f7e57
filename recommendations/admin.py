from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import SpotifyAccount
from recommendations.identity import match_key
from recommendations.models import (
    Feedback,
    LibraryState,
    Play,
    RecommendationHistory,
    ResolvedTrack,
    SavedTrack,
    SourceCache,
)
from vibe.clients.admin import OurAdmin, ReadOnlyAdmin

BETWEEN = " - "  # an artist and a title


class TracksAdmin(ReadOnlyAdmin):
    """A million rows: newest first by their keys, and searched by what has an index."""

    list_select_related = ("account",)
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("pk",)  # shows the box; `get_search_results` is what searches
    search_help_text = _("A listener's name, a track's Spotify id, or Artist - Title in full.")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        term = search_term.strip()
        if not term:
            return queryset, False
        if BETWEEN in term:
            artist, _dash, title = term.partition(BETWEEN)
            return queryset.filter(account__in=_accounts(), match_key=match_key(artist, title)), False
        if named := _of(term):
            return queryset.filter(account__in=named), False
        return queryset.filter(account__in=_accounts(), spotify_track_id=term), False


def _of(name: str) -> list[int]:
    return _accounts(Q(user__username__iexact=name) | Q(user__telegram_username__iexact=name.lstrip("@")))


def _accounts(condition: Q | None = None) -> list[int]:
    """Named one by one, since every index of these tables begins with the account."""
    return list(SpotifyAccount.objects.filter(condition or Q()).values_list("pk", flat=True))


@admin.register(SavedTrack)
class SavedTrackAdmin(TracksAdmin):
    list_display = ("__str__", "account", "added_at", "removed_at")


@admin.register(LibraryState)
class LibraryStateAdmin(ReadOnlyAdmin):
    list_display = ("account", "total", "next_offset", "completed_at", "synced_at", "plays_gap_at")
    list_select_related = ("account",)


@admin.register(Play)
class PlayAdmin(TracksAdmin):
    search_help_text = _("A listener's name.")
    list_display = ("__str__", "account", "played_at", "context")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Plays have no index but that of their account and time, so only whose they are can be asked."""
        term = search_term.strip()
        return (queryset.filter(account__in=_of(term)) if term else queryset), False


@admin.register(RecommendationHistory)
class RecommendationHistoryAdmin(TracksAdmin):
    list_display = ("match_key", "account", "times_recommended", "first_recommended_at", "last_recommended_at")


@admin.register(Feedback)
class FeedbackAdmin(OurAdmin):
    list_display = ("name", "kind", "account", "created_at")
    list_filter = ("kind",)
    list_select_related = ("account",)
    raw_id_fields = ("account",)
    search_fields = ("name",)


@admin.register(ResolvedTrack)
class ResolvedTrackAdmin(OurAdmin):
    """Deleting a row has its name looked up again."""

    list_display = ("match_key", "expires_at")
    search_fields = ("match_key__exact",)
    search_help_text = _("The key in full: artist | title.")
    ordering = ("-pk",)
    sortable_by = ()


@admin.register(SourceCache)
class SourceCacheAdmin(OurAdmin):
    """Deleting a row has its question asked again."""

    list_display = ("key", "source", "expires_at")
    list_filter = ("source",)
    search_fields = ("key__exact",)
    ordering = ("-pk",)
    sortable_by = ()
