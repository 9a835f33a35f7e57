"""What ReccoBeats answers."""

from __future__ import annotations

from django.conf import settings

from recommendations.questions import Row
from recommendations.services import Table
from vibe.clients.meter import Meter
from vibe.clients.reccobeats import RECCOBEATS, ReccoBeatsClient


def table(meter: Meter) -> Table:
    if not settings.RECCOBEATS:
        return {}
    client = ReccoBeatsClient(meter)
    return {
        (RECCOBEATS, "recommendations"): lambda market, *ids: tuple(
            Row(track.artist.name, track.name, id=track.id, track=track)
            for track in client.recommendations(ids, market)
        )
    }
