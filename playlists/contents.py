"""What a playlist holds: written as a whole, read back, and put right once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from vibe.clients.errors import ServiceError
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Track

UNCERTAIN = ("timeout", "connection", "unavailable", "malformed")  # the write may have been applied

REFUSED = "bad_request"
MOST_CALLS = 24  # to find what is refused: one of thirty tracks costs ten, two at most sixteen


def uris(track_ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"spotify:track:{track_id}" for track_id in track_ids)


def write(
    playlist_id: str,
    wanted: Sequence[str],
    client: SpotifyClient,
    go_on: Callable[[], None],
    *,
    is_new: bool = False,
    held: dict[str, Track] | None = None,
) -> tuple[str, ...]:
    """Leaves the playlist with `wanted` (URIs) and answers what Spotify keeps of it: all, or at least half, in order.

    `go_on` is called before each write and may raise. Only a playlist that is new, and so empty, is added to: adding
    twice would double its tracks. A track that Spotify does not know any more makes it refuse all that come with it; it
    is found by halves and left out. `held` is given the tracks as they are read back, by URI. Raises ServiceError,
    `incomplete` where the second try was not right either.
    """
    go_on()
    try:
        if is_new:
            _add(playlist_id, wanted, client)
        else:
            client.replace_items(playlist_id, wanted)
    except ServiceError as error:
        if error.code != REFUSED:
            raise
        if not is_new:
            client.replace_items(playlist_id, ())
        wanted = _sifted(playlist_id, wanted, client, go_on)
    kept = _read(playlist_id, client, held)
    if kept == tuple(wanted):
        return kept
    go_on()
    client.replace_items(playlist_id, wanted)
    kept = _read(playlist_id, client, held)
    if not kept or len(kept) * 2 < len(wanted) or kept != tuple(uri for uri in wanted if uri in kept):
        raise ServiceError("spotify", "incomplete")
    return kept


def _read(playlist_id: str, client: SpotifyClient, held: dict[str, Track] | None) -> tuple[str, ...]:
    items = client.playlist_items(playlist_id)
    if held is not None:
        held.update((uri, track) for uri, track in items if track)
    return tuple(uri for uri, _track in items)


def _sifted(
    playlist_id: str, wanted: Sequence[str], client: SpotifyClient, go_on: Callable[[], None]
) -> tuple[str, ...]:
    """Adds to an empty playlist what Spotify takes of `wanted`, in order, and answers it.

    "Payload contains a non-existing ID", says it of all: https://github.com/spotify/web-api/issues/214
    """
    middle = len(wanted) // 2
    parts, taken = [tuple(wanted[middle:]), tuple(wanted[:middle])], list[str]()
    for _call in range(MOST_CALLS):
        part = parts.pop()
        go_on()
        try:
            client.add_items(playlist_id, part)
            taken += part
        except ServiceError as error:
            if error.code != REFUSED:
                raise
            middle = len(part) // 2
            parts += [half for half in (part[middle:], part[:middle]) if middle]
        if not parts:
            return tuple(taken)
    raise ServiceError("spotify", REFUSED, permanent=True)


def _add(playlist_id: str, wanted: Sequence[str], client: SpotifyClient) -> None:
    try:
        client.add_items(playlist_id, wanted)
    except ServiceError as error:
        if error.code not in UNCERTAIN:
            raise
        # What was applied of it, reading back tells.
