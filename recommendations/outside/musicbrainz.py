"""What MusicBrainz answers: it is asked for nothing but the ids that ListenBrainz goes by."""

from __future__ import annotations

from django.conf import settings

from recommendations.questions import Answer, Row
from recommendations.services import Table
from vibe.clients.meter import Meter
from vibe.clients.musicbrainz import MUSICBRAINZ, MusicbrainzClient, Recording


def table(meter: Meter) -> Table:
    if not settings.LISTENBRAINZ:
        return {}
    client = MusicbrainzClient(meter)
    return {(MUSICBRAINZ, "recordings"): lambda isrc: _rows(client.recordings(isrc))}


def _rows(recordings: tuple[Recording, ...]) -> Answer:
    """Each recording, and after it its artists, who have no title."""
    return tuple(
        row
        for one in recordings
        for row in (
            Row(one.artists[0].name, one.title, id=one.mbid, duration_ms=one.duration_ms),
            *(Row(artist.name, id=artist.mbid) for artist in one.artists),
        )
    )
