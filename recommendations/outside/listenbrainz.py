"""What ListenBrainz answers, by MusicBrainz's ids, which are the ids of the rows."""

from __future__ import annotations

from django.conf import settings

from recommendations.questions import Answer, Row
from recommendations.services import Table
from vibe.clients.listenbrainz import LABS, LISTENBRAINZ, ListenbrainzClient
from vibe.clients.meter import Meter


def table(meter: Meter) -> Table:
    if not settings.LISTENBRAINZ:
        return {}
    client = ListenbrainzClient(meter)

    def radio(artist: str, near: str, each: str) -> Answer:
        found = client.artist_radio(artist, int(near), int(each))
        return tuple(Row(one.artist, id=one.mbid) for one in found)

    def recordings(*keys: str) -> Answer:
        return tuple(
            Row(one.artists[0].name, one.title, id=one.mbid, duration_ms=one.duration_ms)
            for one in client.recordings(keys)
        )

    def similar(key: str) -> Answer:
        return tuple(Row(one.artist, one.title, one.match, one.mbid) for one in client.similar_recordings(key))

    def spotify_ids(*names: str) -> Answer:
        pairs = list(zip(names[::2], names[1::2], strict=True))
        return tuple(Row(artist, title, id=key) for artist, title, key in client.spotify_ids(pairs))

    return {
        (LISTENBRAINZ, "artist_radio"): radio,
        (LISTENBRAINZ, "recordings"): recordings,
        (LABS, "similar_recordings"): similar,
        (LABS, "spotify_ids"): spotify_ids,
    }
