"""The artists a listener knows, found by a name as he writes it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from accounts.models import SpotifyAccount
from recommendations.identity import artist_key
from recommendations.likeness import sound
from recommendations.models import Play, SavedTrack


def artist(account: SpotifyAccount, name: str) -> str:
    """The artist as his own library spells him; the name as it is written where nobody there is meant.

    Who writes Kino may mean Кино, but not where there is a Kino too.
    """
    key = artist_key(name)
    if spelled := _spelled(_tracks(account, key)):
        return spelled
    heard = sound(key)
    alike = [one for other, one in dict(_artists(account)).items() if heard and sound(other) == heard]
    return alike[0] if len(alike) == 1 else name


def likes_of(account: SpotifyAccount, name: str) -> QuerySet[SavedTrack]:
    """The likes by that artist; those whose names are no longer kept come last."""
    likes = account.saved_tracks.filter(match_key__startswith=f"{artist_key(name)} | ", removed_at=None)
    return likes.order_by("-name", "pk")


def artist_of(track: SavedTrack | Play) -> str:
    """His name or, where it is no longer kept, his key, which is folded and means him as well."""
    return str(track.artists[0][1]) or track.match_key.partition(" | ")[0]


def _tracks(account: SpotifyAccount, key: str) -> Iterator[SavedTrack | Play]:
    for tracks in (account.saved_tracks, account.plays):
        yield from tracks.filter(match_key__startswith=f"{key} | ").exclude(name="")[:1]


def _spelled(tracks: Iterator[SavedTrack | Play]) -> str:
    return next((artist_of(track) for track in tracks), "")


def _artists(account: SpotifyAccount) -> Iterator[tuple[str, str]]:
    """(key, name) of each like and play; a name that is kept comes after the keys that stand for lost ones."""
    for tracks in (account.saved_tracks, account.plays):
        for key, artists in tracks.order_by("name").values_list("match_key", "artists").iterator():
            artist, _, _title = key.partition(" | ")
            yield artist, artists[0][1] or artist
