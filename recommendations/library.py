"""Reads likes and plays into our tables: incrementally, in slices, resumably."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from accounts.models import SpotifyAccount
from recommendations.identity import match_key
from recommendations.models import LibraryState, Play, SavedTrack
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import SavedItem, Track

PAGE = 50  # Spotify's largest
PAGES_A_RUN = 6
SLICE = PAGES_A_RUN * PAGE
FRESH = timedelta(days=30)  # names and pictures are read anew after so long, as Spotify's terms want it
REMEMBERED_PLAYS = 50  # Spotify keeps no more


@dataclass(frozen=True, slots=True)
class LikesReport:
    added: int
    removed: int
    total: int  # what Spotify says
    read: int  # what we have
    complete: bool

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PlaysReport:
    added: int
    gap: bool  # plays were missed between the last reading and this one

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def sync_likes(
    account: SpotifyAccount,
    client: SpotifyClient,
    now: datetime,
    pages: int = PAGES_A_RUN,
    tick: Callable[[], None] = lambda: None,
) -> LikesReport:
    """Reads what is new, then goes on with an unfinished reading; at most `pages` calls.

    The newest likes come first, so a finished library costs one page: it stops at the first known
    track. Where Spotify's total then disagrees with ours, likes were removed, and a full reading
    starts, in slices over this and the next runs; so it does a month after the last one. `tick` is
    called after each page. Raises `ServiceError`; what was read is kept.
    """
    reading = _Reading(account, client, now, pages, tick)
    before = reading.live()
    try:
        reading.newest()
        reading.doubt()
        reading.onward()
    finally:
        reading.save()
    removed = reading.finish()
    state, live = reading.state, reading.live()
    return LikesReport(live - before + removed, removed, state.total, live, state.next_offset is None)


class _Reading:
    """One call of `sync_likes`; what a run may read is written at once, so its queries do not grow with it."""

    def __init__(
        self, account: SpotifyAccount, client: SpotifyClient, now: datetime, pages: int, tick: Callable[[], None]
    ) -> None:
        self.account, self.client, self.now, self.left, self.tick = account, client, now, pages, tick
        self.items: dict[str, SavedItem] = {}
        self.state, _made = LibraryState.objects.get_or_create(account=account, defaults={"reading_since": now})

    def live(self) -> int:
        return SavedTrack.objects.filter(account=self.account, removed_at=None).count()

    def page(self, offset: int) -> list[SavedItem]:
        """Reads one page; `next_offset` moves only for the reading that goes on from there."""
        page = self.client.saved_page(offset)
        self.tick()
        self.left -= 1
        self.state.total = page.total
        if self.state.next_offset == offset:
            self.state.next_offset = offset + PAGE if offset + PAGE < page.total and page.rows else None
        self.items |= {item.track.id: item for item in page.items}
        return list(page.items)

    def newest(self) -> None:
        """From the top down to the first known track; a reading that only begins does that by itself."""
        if self.state.next_offset == 0:
            return
        total, offset = self.state.total, 0
        while self.left:
            items = self.page(offset)
            # A page of podcasts and local files tells nothing; then the total has to do.
            nothing_new = self.knows_any(items) if items else self.state.total == total
            if nothing_new or offset + PAGE >= self.state.total:
                if self.state.next_offset is not None:
                    # What was liked or unliked since has moved the rest of the list.
                    self.state.next_offset = max(self.state.next_offset + self.state.total - total, 0)
                return
            offset += PAGE
        self.begin(at=offset)

    def knows_any(self, items: list[SavedItem]) -> bool:
        ids = [item.track.id for item in items]
        return SavedTrack.objects.filter(account=self.account, removed_at=None, spotify_track_id__in=ids).exists()

    def begin(self, at: int = 0) -> None:
        self.state.next_offset, self.state.reading_since = at, self.now

    def doubt(self) -> None:
        """Starts a full reading when a finished library no longer adds up, or was read long ago."""
        if self.state.next_offset is None and self.state.reading_since is None:
            self.save()
            completed = self.state.completed_at
            is_old = completed is not None and completed < self.now - FRESH
            if is_old or self.state.total - self.live() != self.state.surplus:
                self.begin()

    def onward(self) -> None:
        while self.left and self.state.next_offset is not None:
            self.page(self.state.next_offset)
            if len(self.items) >= SLICE:  # a long reading keeps no more than this in memory
                self.save()

    def save(self) -> None:
        rows = [saved_track(self.account, item, self.now) for item in self.items.values()]
        SavedTrack.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["account", "spotify_track_id"],
            update_fields=["added_at", "removed_at", "seen_at", "name", "artists", "album", "isrc", "match_key"],
        )
        self.items.clear()
        self.state.synced_at = self.now
        self.state.save()

    def finish(self) -> int:
        """After the last page of a full reading: what it did not meet is gone. Answers how many."""
        state = self.state
        if state.next_offset is not None or state.reading_since is None:
            return 0
        gone = SavedTrack.objects.filter(account=self.account, removed_at=None, seen_at__lt=state.reading_since)
        # An empty answer where likes were known is more likely a fault than a farewell.
        removed = gone.update(removed_at=self.now) if state.total else 0
        # Rows that can't be kept (local files, withdrawn tracks) count in Spotify's total for ever. Where we have
        # more than Spotify, something was removed behind this reading's back: the next one will doubt again.
        state.surplus = max(state.total - self.live(), 0)
        state.completed_at, state.reading_since = self.now, None
        state.save()
        return removed


def saved_track(account: SpotifyAccount, item: SavedItem, now: datetime) -> SavedTrack:
    track = item.track
    return SavedTrack(
        account=account,
        **facts(track),
        album=track.album[:400],
        duration_ms=track.duration_ms,
        popularity=track.popularity,
        added_at=item.added_at,
        removed_at=None,
        seen_at=now,
    )


def facts(track: Track) -> dict[str, object]:
    """The `TrackFacts` columns of a track."""
    return {
        "spotify_track_id": track.id,
        "isrc": track.isrc,
        "match_key": match_key(track.artist.name, track.name),
        "name": track.name[:400],
        "artists": [[artist.id, artist.name] for artist in track.artists],
    }


def sync_plays(account: SpotifyAccount, client: SpotifyClient, now: datetime) -> PlaysReport:
    """Keeps the last plays (one call), and notes when so many were made that some were missed."""
    played = client.recently_played()
    times = [item.played_at for item in played]
    known = Play.objects.filter(account=account)
    gap = (
        len(played) >= REMEMBERED_PLAYS
        and known.exists()
        and not known.filter(played_at__gte=min(times), played_at__lte=max(times)).exists()
    )
    rows = [
        Play(account=account, **facts(item.track), played_at=item.played_at, context=item.context) for item in played
    ]
    before = known.count()
    Play.objects.bulk_create(rows, ignore_conflicts=True)
    if gap:
        LibraryState.objects.update_or_create(account=account, defaults={"plays_gap_at": min(times)})
    return PlaysReport(known.count() - before, gap)
