"""The optional services: what each answers, by service and family of a question.

To add one: write a file with a `table` here, empty where the service is not configured, and name it in `TABLES`.
"""

from __future__ import annotations

from recommendations.outside import deezer, lastfm, listenbrainz, musicbrainz, reccobeats
from recommendations.services import Table
from vibe.clients.meter import Meter

TABLES = (lastfm.table, listenbrainz.table, musicbrainz.table, deezer.table, reccobeats.table)


def answers(meter: Meter) -> Table:
    """Of all services that are configured; for one run."""
    found: Table = {}
    for table in TABLES:
        found |= table(meter)
    return found
