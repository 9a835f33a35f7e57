"""What the ledger of a run holds, and how it is read: what its choice was made from, and each candidate's fate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recommendations import replay
from recommendations.candidates import Candidate
from recommendations.reasons import BACK
from recommendations.recommend import Recommendation

Ledger = Mapping[str, Any]


def written(made: Recommendation) -> dict[str, Any]:
    """Candidates are kept by key; `places` has them in the order of their rank, as the columns after it do."""
    by_key = sorted(one.candidate.key for one in made.ranked)
    place = {key: n for n, key in enumerate(by_key)}
    parts = dict.fromkeys(name for one in made.ranked for name in one.parts)
    return {
        **replay.pack(made.rated, made.chosen, made.selection),
        "artists": [[artist.key, artist.name, artist.count] for artist in made.profile.artists],
        "places": [place[one.candidate.key] for one in made.ranked],
        "scores": [round(one.score, 4) for one in made.ranked],
        "parts": {name: [round(one.parts.get(name, 0.0), 4) for one in made.ranked] for name in parts},
        "fates": [made.selection.fates.get(one.candidate.key, "") for one in made.ranked],
    }


def told(ledger: Ledger) -> dict[str, Any]:
    """`seeds`, `artists` and `candidates`, the best first: whichever version wrote it, as version 1 did."""
    if "candidates" in ledger:
        return dict(ledger)
    try:
        stored = replay.unpack(ledger)
    except replay.TooOld:
        return {"seeds": [], "artists": [], "candidates": []}
    by_key = sorted(stored.rated["candidates"], key=lambda one: one.key)
    columns = (ledger[name] for name in ("places", "scores", "fates"))
    return {
        "seeds": [
            [one.key, one.artist, one.name, round(one.weight, 4), one.origin] for one in stored.rated["profile"].seeds
        ],
        "artists": ledger["artists"],
        "candidates": [
            {
                **_candidate(by_key[place]),
                "score": score,
                "parts": {name: column[n] for name, column in ledger["parts"].items()},
                "fate": fate,
            }
            for n, (place, score, fate) in enumerate(zip(*columns, strict=True))
        ],
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    back = {word.seed for word in one.found if word.relation == "mutual"}  # it is not on their list, they are on its
    lists = (word for word in one.found if word.relation not in BACK)
    found = [[word.source, word.seed, round(word.match, 4), word.rank] for word in lists]
    return {"key": one.key, "artist": one.artist, "title": one.title, "found": found, "leads_to": sorted(back)}
