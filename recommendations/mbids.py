"""Which of MusicBrainz's ids a track or an artist of the listener's has, by the answer for an ISRC."""

from __future__ import annotations

from recommendations.identity import artist_key, match_key
from recommendations.questions import Answer


def recording(artist: str, title: str, rows: Answer) -> str:
    """The recording of that name, or else the first; "" where there is none. An ISRC is given twice now and then."""
    recordings = [row for row in rows if row.title]
    named = (row.id for row in recordings if match_key(row.artist, row.title) == match_key(artist, title))
    return next(named, recordings[0].id if recordings else "")


def artist(name: str, rows: Answer) -> str:
    """The artist of that name, or else the main one, who may be written in another script; "" where there is none."""
    artists = [row for row in rows if not row.title]
    named = (row.id for row in artists if artist_key(row.artist) == artist_key(name))
    return next(named, artists[0].id if artists else "")
