"""What a playlist holds: written as a whole, read back, and put right once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from vibe.clients.errors import ServiceError
from vibe.clients.spotify import SpotifyClient

UNCERTAIN = ("timeout", "connection", "unavailable", "malformed")  # the write may have been applied


def uris(track_ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"spotify:track:{track_id}" for track_id in track_ids)


def write(
    playlist_id: str,
    wanted: Sequence[str],
    client: SpotifyClient,
    go_on: Callable[[], None],
    *,
    is_new: bool = False,
) -> tuple[str, ...]:
    """Leaves the playlist with `wanted` (URIs) and answers what Spotify keeps of it: all, or at least half, in order.

    `go_on` is called before each write and may raise. Only a playlist that is new, and so empty, is added to: adding
    twice would double its tracks. Raises ServiceError, `incomplete` where the second try was not right either.
    """
    go_on()
    if is_new:
        _add(playlist_id, wanted, client)
    else:
        client.replace_items(playlist_id, wanted)
    kept = client.playlist_uris(playlist_id)
    if kept == tuple(wanted):
        return kept
    go_on()
    client.replace_items(playlist_id, wanted)
    kept = client.playlist_uris(playlist_id)
    if not kept or len(kept) * 2 < len(wanted) or kept != tuple(uri for uri in wanted if uri in kept):
        raise ServiceError("spotify", "incomplete")
    return kept


def _add(playlist_id: str, wanted: Sequence[str], client: SpotifyClient) -> None:
    try:
        client.add_items(playlist_id, wanted)
    except ServiceError as error:
        if error.code not in UNCERTAIN:
            raise
        # What was applied of it, reading back tells.
