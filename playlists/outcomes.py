"""Joins what a listener did since to the tracks he was given. docs/learning.md says what each outcome means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q

from accounts.models import SpotifyAccount
from playlists.models import PlaylistRun, PlaylistRunTrack
from playlists.states import Outcome
from recommendations import feedback, outcomes
from recommendations.models import Feedback, LibraryState
from recommendations.outcomes import Facts, Heard
from recommendations.standing import is_disliked

WATCHED = timedelta(days=30)  # how long a list is followed; what became of it by then stays
Marks = tuple[str, ...]  # a track's id, match key and ISRC


class Row(NamedTuple):
    """A track that was given, with what its row and its list's tell."""

    pk: int
    track_id: str
    is_new: bool
    held: bool | None
    outcome: str
    given_at: datetime
    looked_at: datetime | None
    playlist_id: str


def judge(account: SpotifyAccount, now: datetime) -> int:
    """Decides anew what became of each track of the last 30 days; how many have changed. Repeating it is harmless."""
    rows = _rows(account, now)
    if not rows:
        return 0
    marks = _marks(account, [row.track_id for row in rows])
    told = _Told(account, marks, min(row.given_at for row in rows), now)
    changed = defaultdict(list)
    for row in rows:
        found = outcomes.outcome(told.facts(row, marks[row.track_id]))
        if found != row.outcome:
            changed[found].append(row.pk)
    with transaction.atomic():
        for found, keys in changed.items():
            PlaylistRunTrack.objects.filter(pk__in=keys).update(outcome=found)
    return sum(map(len, changed.values()))


def note(run: PlaylistRun, held: Collection[str], now: datetime) -> None:
    """What the playlist of `run` holds by now (URIs)."""
    ids = list(run.tracks.values_list("spotify_track_id", flat=True))
    still = outcomes.still_held(ids, {uri.removeprefix("spotify:track:") for uri in held})
    with transaction.atomic():
        for answer in (True, False, None):
            those = [track_id for track_id, one in still.items() if one is answer]
            run.tracks.filter(spotify_track_id__in=those).update(held=answer)
        PlaylistRun.objects.filter(pk=run.pk).update(looked_at=now)


def rejected(account: SpotifyAccount) -> frozenset[str]:
    """All that tells the tracks he took out of our lists, save those he likes: neither seeds nor to be given again."""
    removed = PlaylistRunTrack.objects.filter(run__user=account.user_id, outcome=Outcome.REMOVED)
    ids = list(removed.values_list("spotify_track_id", flat=True).distinct())
    if not ids:
        return frozenset()
    groups = _marks(account, ids)
    every = {mark for marks in groups.values() for mark in marks}
    liked = {mark for *row, _at in _likes(account, every) for mark in row}
    return frozenset(mark for marks in groups.values() if liked.isdisjoint(marks) for mark in marks)


def _rows(account: SpotifyAccount, now: datetime) -> list[Row]:
    given = PlaylistRunTrack.objects.given(now - WATCHED, now).filter(run__user=account.user_id).order_by("pk")
    columns = ("pk", "spotify_track_id", "is_new_to_bot", "held", "outcome")
    return [Row(*row) for row in given.values_list(*columns, "run__finished_at", "run__looked_at", "run__playlist_id")]


def _marks(account: SpotifyAccount, ids: Collection[str]) -> dict[str, Marks]:
    """Spotify's id -> all by which the same track is known under another id."""
    given = account.history.filter(spotify_track_id__in=set(ids))
    known = given.values_list("spotify_track_id", "match_key", "isrc")
    return {track_id: (track_id,) for track_id in ids} | {row[0]: tuple(mark for mark in row if mark) for row in known}


def _of(marks: Collection[str]) -> Q:
    return Q(spotify_track_id__in=marks) | Q(match_key__in=marks)


def _likes(account: SpotifyAccount, marks: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """(id, match key, when) of his likes among them."""
    likes = account.saved_tracks.filter(_of(marks), removed_at=None)
    yield from likes.values_list("spotify_track_id", "match_key", "added_at")


class _Told:
    """What the tables tell of these tracks, read at once and kept by mark."""

    def __init__(self, account: SpotifyAccount, marks: Mapping[str, Marks], since: datetime, now: datetime) -> None:
        every = {mark for those in marks.values() for mark in those}
        state = LibraryState.objects.filter(account=account).first()
        self.missed_until = state.plays_gap_at if state else None
        since_then = account.plays.filter(played_at__gt=since, played_at__lte=now)
        self.tells_contexts = since_then.exclude(context="").exists()
        self.plays = _by_mark(
            since_then.filter(_of(every)).values_list("spotify_track_id", "match_key", "played_at", "context")
        )
        self.words = list(Feedback.objects.filter(account=account, created_at__gt=since))
        self.likes = _by_mark(_likes(account, every))

    def facts(self, row: Row, marks: Marks) -> Facts:
        context = f"spotify:playlist:{row.playlist_id}"
        plays = {play for mark in marks for play in self.plays.get(mark, ())}
        return Facts(
            given_at=row.given_at,
            is_new=row.is_new,
            plays=tuple(Heard(at, where == context) for at, where in plays),
            liked_at=max(
                [at for mark in marks for (at,) in self.likes.get(mark, ())] + self._said(marks), default=None
            ),
            disliked_at=max(self._against(marks), default=None),
            held=row.held,
            looked_at=row.looked_at,
            missed_until=self.missed_until,
            tells_contexts=self.tells_contexts,
        )

    def _said(self, marks: Marks) -> list[datetime]:
        """When he said that he likes it, or wants more like it."""
        more = (word for word in self.words if word.kind in feedback.MORE)
        return [word.created_at for word in more if {word.match_key, word.spotify_track_id} & set(marks)]

    def _against(self, marks: Marks) -> list[datetime]:
        artists = {mark.partition(" | ")[0] for mark in marks if " | " in mark}
        return [word.created_at for word in self.words if _is_against(word, marks, artists)]


def _is_against(word: Feedback, marks: Marks, artists: Collection[str]) -> bool:
    if word.kind == Feedback.Kind.BLOCK_ARTIST:
        return word.artist_key in artists
    return word.kind == Feedback.Kind.DISLIKE and is_disliked(marks, {word.match_key, word.spotify_track_id} - {""})


def _by_mark(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    found = defaultdict(list)
    for track_id, key, *rest in rows:
        found[track_id].append(tuple(rest))
        found[key].append(tuple(rest))
    return found
