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
    spotify_ids,
    track_search,
)
from vibe.clients.types import Artist, Track

SPARE = 1.5  # names to look up for each track wanted: some are not at Spotify
BATCH = 100  # names that one call turns into ids


def look_up(
    wanted: Sequence[Candidate], crowd: Mapping[str, int], *, by_id: bool = False
) -> Conversation[dict[str, Track | None]]:
    """Answers match key -> track, None where Spotify answered and does not have it.

    `crowd`: artist key -> names by that artist that today's sources found. Where there are several,
    one search for the artist brings ten tracks, and may settle them all, for this and later runs.
    At most two searches a name, usually one. Other tracks that came along are answered too. A name
    whose search failed is left out, since nothing is known of it. `by_id`: ListenBrainz is asked first, all names in
    one call; only what it has no id for is searched.
    """
    found: dict[str, Track | None] = (yield from _ids(wanted)) if by_id else {}
    first = _first_searches([one for one in wanted if one.key not in found], crowd)
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


def _ids(wanted: Sequence[Candidate]) -> Conversation[dict[str, Track | None]]:
    """Tracks of which nothing is known but the id and the names, which are ours: ListenBrainz goes by their letters."""
    names = {(one.artist, one.title): one.key for one in wanted}
    answers = yield [spotify_ids(some) for some in _batches(list(names))]
    return {
        names[row.artist, row.title]: Track(row.id, row.title, (Artist("", row.artist),))
        for rows in answers
        for row in rows
        if (row.artist, row.title) in names
    }


def _batches(names: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    return [names[begin : begin + BATCH] for begin in range(0, len(names), BATCH)]


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
        best = max(tracks, key=lambda track: _likeness(candidate, track), default=None)
        if best and _likeness(candidate, best) >= SURE:
            found[candidate.key] = best
        else:
            missing.append(candidate)
    return missing


def _likeness(wanted: Candidate, track: Track) -> float:
    return matches(wanted.artist, wanted.title, track, isrc=wanted.isrc, duration_ms=wanted.duration_ms)
