"""Spotify's JSON -> our types. Pure; a bad row is left out, an answer that is no page at all raises.

Both shapes are read: a Development-Mode app's (`item`, no popularity) and an older app's (`track`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from html import unescape
from typing import Any, TypeVar

from vibe.clients.errors import ServiceError
from vibe.clients.text import as_isrc, as_name, as_text
from vibe.clients.types import Album, Artist, Me, PlayedItem, Playlist, SavedItem, SavedPage, Tokens, Track

# A like of unknown date must still count as a like: it is taken for a very old one.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_ADDRESS = 200  # characters; half an address is none
ROW = 64  # pixels
T = TypeVar("T")


class Malformed(ServiceError):
    """Not the kind of answer this route gives. Never taken for an empty one: that would unlike a whole library."""

    def __init__(self) -> None:
        super().__init__("spotify", "malformed")


def rows(page: Any) -> list[Any]:
    """The rows of a page, bad ones included. Raises Malformed."""
    items = _dict(page).get("items")
    if not isinstance(items, list):
        raise Malformed
    return items


def saved_page(page: Any) -> SavedPage:
    found = rows(page)
    total = _int(page.get("total"))
    items = _kept(saved_item, found)
    return SavedPage(items, len(found) if total is None else total, len(found))


def saved_item(row: Any) -> SavedItem | None:
    liked = playable(row)
    return SavedItem(liked, moment(row.get("added_at")) or UNDATED) if liked else None


def played_item(row: Any) -> PlayedItem | None:
    played, at = playable(row), moment(row.get("played_at")) if isinstance(row, dict) else None
    if played is None or at is None:
        return None
    context = row.get("context")
    return PlayedItem(played, at, as_text(context.get("uri")) if isinstance(context, dict) else "")


def played(page: Any) -> tuple[PlayedItem, ...]:
    return _kept(played_item, rows(page))


def tracks(found: Any) -> tuple[Track, ...]:
    """Full or simplified tracks of a bare list, those that the listener can play. Raises Malformed."""
    if not isinstance(found, list):
        raise Malformed
    return _kept(offered, found)


def found_tracks(answer: Any) -> tuple[Track, ...]:
    """What a search found."""
    return tracks(rows(_dict(answer).get("tracks")))


def listed_tracks(answer: Any) -> tuple[Track, ...]:
    """An artist's top tracks, or recommendations."""
    return tracks(_dict(answer).get("tracks"))


def entry(row: Any) -> dict[str, Any] | None:
    """The object inside a row of a page; `item.track` is the boolean true for a Development-Mode app."""
    if not isinstance(row, dict):
        return None
    return next((row[key] for key in ("item", "track") if isinstance(row.get(key), dict)), None)


def playable(row: Any) -> Track | None:
    return track(entry(row))


def offered(row: Any) -> Track | None:
    """A track, unless it can't be played in the listener's market: as taste it counts all the same, as a find not."""
    is_barred = isinstance(row, dict) and (row.get("is_playable") is False or bool(row.get("restrictions")))
    return None if is_barred else track(row)


def track(row: Any) -> Track | None:
    """None for what cannot be recommended: null, local files, episodes, rows without id, name or artist."""
    if not isinstance(row, dict) or row.get("is_local") is True or row.get("type", "track") != "track":
        return None
    artists = _kept(artist, row.get("artists"))
    track_id, name = as_text(row.get("id")), _name(row)
    if not (track_id and name and artists):
        return None
    return Track(
        id=track_id,
        name=name,
        artists=artists,
        album=_name(row.get("album")),
        duration_ms=_int(row.get("duration_ms")) or 0,
        isrc=_isrc(row.get("external_ids")),
        popularity=_int(row.get("popularity")),
        cover=cover(row.get("album")),
    )


def cover(album: Any) -> str:
    """The smallest picture of an album that still fills a row of a list."""
    images = album.get("images") if isinstance(album, dict) else None
    known = [image for image in images if isinstance(image, dict)] if isinstance(images, list) else []
    told = [(_int(image.get("width")) or 0, as_text(image.get("url"))) for image in known]
    return min((one for one in told if one[0] >= ROW and 0 < len(one[1]) <= LONGEST_ADDRESS), default=(0, ""))[1]


def artist(row: Any) -> Artist | None:
    name = _name(row)
    return Artist(as_text(row.get("id")), name) if name else None


def album(row: Any) -> Album | None:
    if not isinstance(row, dict) or not as_text(row.get("id")):
        return None
    year = as_text(row.get("release_date"))[:4]
    return Album(as_text(row["id"]), _name(row), int(year) if year.isdecimal() and int(year) else None)


def albums(page: Any) -> tuple[Album, ...]:
    return _kept(album, rows(page))


def playlist(row: Any) -> Playlist | None:
    if not isinstance(row, dict) or not as_text(row.get("id")):
        return None
    owner, urls = row.get("owner"), row.get("external_urls")
    return Playlist(
        id=as_text(row["id"]),
        name=as_text(row.get("name")),
        # Spotify escapes what it was sent; our marker in it must read as we wrote it.
        description=unescape(as_text(row.get("description"))),
        owner_id=as_text(owner.get("id")) if isinstance(owner, dict) else "",
        url=as_text(urls.get("spotify")) if isinstance(urls, dict) else "",
    )


def playlists(page: Any) -> tuple[Playlist, ...]:
    return _kept(playlist, rows(page))


def created(answer: Any) -> Playlist:
    made = playlist(answer)
    if made is None:
        raise Malformed
    return made


def flag(answer: Any) -> bool:
    """The answer to a question after one thing. Raises Malformed."""
    if not isinstance(answer, list) or len(answer) != 1 or not isinstance(answer[0], bool):
        raise Malformed
    return answer[0]


def page(
    web: Any, get: Callable[[Any, int], Any], rows_of: Callable[[Any], tuple[T, ...]], offset: int, size: int
) -> tuple[tuple[T, ...], bool]:
    """What `get(web, offset)` answers, and whether nothing follows it."""
    answer = get(web, offset)
    return rows_of(answer), is_last(answer, offset, size)


def is_last(page: Any, offset: int, size: int) -> bool:
    """Whether nothing follows this page, by its total or, where that is missing, by its being short."""
    found, total = len(rows(page)), _int(page.get("total"))
    return found == 0 or (found < size if total is None else offset + size >= total)


def me(answer: Any) -> Me:
    row = _dict(answer)
    user_id = as_text(row.get("id"))
    account_id = as_text(row.get("account_id")) or user_id
    if not account_id:
        raise Malformed
    name = as_text(row.get("display_name")) or user_id or account_id
    country = as_text(row.get("country"))
    return Me(account_id, user_id or account_id, name, country if len(country) == 2 else "")


def tokens(answer: Any) -> Tokens:
    """Raises Malformed where there is no access token."""
    row = _dict(answer)
    access = as_text(row.get("access_token"))
    if not access:
        raise Malformed
    lifetime = _int(row.get("expires_in"))
    return Tokens(
        access=access,
        refresh=as_text(row.get("refresh_token")),
        expires_in=3600 if lifetime is None else lifetime,
        scopes=tuple(as_text(row.get("scope")).split()),
    )


def moment(value: Any) -> datetime | None:
    """A vendor's timestamp as aware UTC; one without an offset is UTC, one that makes no sense None."""
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _kept(read: Callable[[Any], T | None], found: Any) -> tuple[T, ...]:
    listed: Iterable[Any] = found if isinstance(found, list) else ()
    return tuple(thing for thing in map(read, listed) if thing is not None)


def _dict(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise Malformed
    return answer


def _name(row: Any) -> str:
    return as_name(row.get("name")) if isinstance(row, dict) else ""


def _isrc(ids: Any) -> str:
    return as_isrc(ids.get("isrc")) if isinstance(ids, dict) else ""


def _int(value: Any) -> int | None:
    # Beyond 32 bits it is nonsense, and more than a column holds.
    return value if isinstance(value, int) and 0 <= value < 2**31 else None
