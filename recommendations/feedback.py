"""What the listener said of tracks and artists: one word a thing, and of opposite words the latest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.models import SpotifyAccount
from recommendations.candidates import Heard
from recommendations.identity import artist_key
from recommendations.models import Feedback

Kind = Feedback.Kind
MORE = (Kind.LIKE, Kind.MORE)  # what the next lists start from
OPPOSITES = {Kind.LIKE: (Kind.DISLIKE,), Kind.MORE: (Kind.DISLIKE,), Kind.DISLIKE: MORE}
BETWEEN = " - "


def say(
    account: SpotifyAccount, kind: str, *, track_id: str, key: str, artist: str, title: str, now: datetime
) -> Feedback:
    """Notes a word on a track (its match key: `key`), which takes the place of the opposite one."""
    word = Kind(kind)
    thing = {"match_key": key, "artist_key": artist_key(artist)}
    account.feedback.filter(**thing, kind__in=OPPOSITES[word]).delete()
    told = {"spotify_track_id": track_id, "name": f"{artist}{BETWEEN}{title}"[:400], "created_at": now}
    return account.feedback.get_or_create(kind=word, **thing, defaults=told)[0]


def block(account: SpotifyAccount, artist: str, now: datetime) -> tuple[Feedback, bool]:
    """None of the artist's tracks comes any more; and whether that is news."""
    told = {"name": artist[:400], "created_at": now}
    return account.feedback.get_or_create(
        kind=Kind.BLOCK_ARTIST, match_key="", artist_key=artist_key(artist), defaults=told
    )


def asked(rows: Iterable[Feedback]) -> tuple[Heard, ...]:
    """The tracks that he likes or wants more like, newest first."""
    wanted = sorted((row for row in rows if row.kind in MORE), key=lambda row: row.created_at, reverse=True)
    return tuple(heard for row in wanted if (heard := _heard(row)))


def _heard(row: Feedback) -> Heard | None:
    """None where the row's name does not tell artist and title apart."""
    parts = row.name.split(BETWEEN)
    names = ((BETWEEN.join(parts[:n]), BETWEEN.join(parts[n:])) for n in range(1, len(parts)))
    artist, title = next((pair for pair in names if artist_key(pair[0]) == row.artist_key), ("", ""))
    if not title:
        return None
    return Heard(row.spotify_track_id, title, artist, "", row.match_key, "", row.created_at)
