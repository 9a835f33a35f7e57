"""From an artist's and a track's name to a Spotify track, with as few searches as can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from recommendations.candidates import Candidate
from recommendations.identity import match_key
from recommendations.matching import SURE, matches
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


def look_up(wanted: Sequence[Candidate], crowd: Mapping[str, int]) -> Conversation[dict[str, Track | None]]:
    """Answers match key -> track, None where Spotify answered and does not have it.

    `crowd`: artist key -> names by that artist that today's sources found. Where there are several,
    one search for the artist brings ten tracks, and may settle them all, for this and later runs.
    At most two searches a name, usually one. Other tracks that came along are answered too. A name
    whose search failed is left out, since nothing is known of it.
    """
    found: dict[str, Track | None] = {}
    first = _first_searches(wanted, crowd)
    again: dict[Question, Candidate] = {}
    for (question, candidates), rows in zip(first.items(), (yield list(first)), strict=True):
        search = track_search if question.days else name_search
        for candidate in _unsettled(candidates, rows, found):
            if rows is not FAILED:
                again[search(candidate.artist, candidate.title)] = candidate
    for candidate, rows in zip(again.values(), (yield list(again)), strict=True):
        if _unsettled([candidate], rows, found) and rows is not FAILED:
            found[candidate.key] = None
    return found


def _first_searches(wanted: Sequence[Candidate], crowd: Mapping[str, int]) -> dict[Question, list[Candidate]]:
    together: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in wanted:
        together[candidate.artist_key].append(candidate)
    return {
        artist_search(some[0].artist)
        if crowd.get(key, len(some)) > 1
        else track_search(some[0].artist, some[0].title): some
        for key, some in together.items()
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
