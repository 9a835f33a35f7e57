"""From an artist's and a track's name to a Spotify track, with as few searches as can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from recommendations.candidates import Candidate
from recommendations.identity import match_key, matches
from recommendations.questions import (
    FAILED,
    Answer,
    Conversation,
    Question,
    artist_search,
    name_search,
    track_search,
)
from vibe.clients.types import Track

SURE = 0.8  # below this a search result is not what was meant


def look_up(wanted: Sequence[Candidate]) -> Conversation[dict[str, Track | None]]:
    """Answers match key -> track, None where Spotify answered and does not have it.

    At most two searches a name, usually one: several names by one artist share a search for the
    artist. Other tracks that came along are answered too: they cost nothing, and the next run may
    want them. A name whose search failed is left out, since nothing is known of it.
    """
    found: dict[str, Track | None] = {}
    first = _first_searches(wanted)
    again: dict[Question, Candidate] = {}
    for candidates, rows in zip(first.values(), (yield list(first)), strict=True):
        search = track_search if len(candidates) > 1 else name_search
        for candidate in _unsettled(candidates, rows, found):
            if rows is not FAILED:
                again[search(candidate.artist, candidate.title)] = candidate
    for candidate, rows in zip(again.values(), (yield list(again)), strict=True):
        if _unsettled([candidate], rows, found) and rows is not FAILED:
            found[candidate.key] = None
    return found


def _first_searches(wanted: Sequence[Candidate]) -> dict[Question, list[Candidate]]:
    together: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in wanted:
        together[candidate.artist_key].append(candidate)
    return {
        artist_search(some[0].artist) if len(some) > 1 else track_search(some[0].artist, some[0].title): some
        for some in together.values()
    }


def _unsettled(wanted: Sequence[Candidate], rows: Answer, found: dict[str, Track | None]) -> list[Candidate]:
    """Notes every track of the answer under its own key and the best match under each wanted one."""
    tracks = [row.track for row in rows if row.track]
    for track in tracks:
        found.setdefault(match_key(track.artist.name, track.name), track)
    missing = []
    for candidate in wanted:
        best = max(tracks, key=lambda track: matches(candidate.artist, candidate.title, track), default=None)
        if best and matches(candidate.artist, candidate.title, best) >= SURE:
            found[candidate.key] = best
        else:
            missing.append(candidate)
    return missing
