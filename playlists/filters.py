"""The admin's filters of tracks by what they were found from, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from playlists import notes
from playlists.models import PlaylistRunTrack
from playlists.querysets import Tracks

NONE = "none"  # of reasons that do not tell it, or are no longer kept
ORIGINS = {
    "play": _("a track played"),
    "like": _("a track liked"),
    "asked": _("a track to have more like"),
    "echo": _("a track played from our lists"),
    "artist": _("an artist liked or played"),
    NONE: _("not noted"),
}
RELATIONS = {
    "similar_track": _("similar tracks"),
    "mutual": _("similar tracks"),
    "recommended": _("Spotify's suggestions"),
    "similar_artist": _("similar artists"),
    "artist_top": _("artists' favourites"),
    "deep_cut": _("albums"),
    "search": _("search"),
    "radio": _("artists' radio"),
    "tag": _("styles"),
    "asked_tag": _("a style asked for"),
    "asked_style": _("artists of a style asked for"),
    "asked_artist": _("an artist asked for"),
    "forgotten_like": _("forgotten likes"),
    "fallback": _("likes, for want of others"),
    NONE: _("not noted"),
}


class OriginFilter(admin.SimpleListFilter):
    title, parameter_name = _("seed"), "origin"
    words: ClassVar[Mapping[str, Any]] = ORIGINS

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.words.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[PlaylistRunTrack]) -> QuerySet[PlaylistRunTrack]:
        value, key = self.value(), f"reason__{self.parameter_name}"
        if not value:
            return queryset
        return queryset.filter(**({f"{key}__isnull": True} if value == NONE else {key: value}))


class FoundByFilter(OriginFilter):
    """Beside the source of the reason, all that found the track."""

    title, parameter_name = _("found by"), "found_by"
    words: ClassVar[Mapping[str, Any]] = notes.SOURCES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        value = self.value()
        return cast("Tracks", queryset).found_by(value) if value else queryset


class RelationFilter(OriginFilter):
    title, parameter_name = _("way from the seed"), "relation"
    words: ClassVar[Mapping[str, Any]] = RELATIONS
