"""What is no music, or by no person, and therefore never given. Docs: docs/identity.md."""

from __future__ import annotations

from collections.abc import Collection

from recommendations.candidates import Ranked
from recommendations.clutter import is_clutter
from vibe.clients.types import Track


def filler(one: Ranked, track: Track | None, artists: Collection[str], artificial: Collection[str]) -> str:
    """The fate of a candidate that is filler, else "". What the listener himself hears of it is music to him.

    `artists`: keys of the track's artists. `artificial`: what `artificial.read` made of the operator's list.
    """
    if artificial and any(mark in artificial for mark in (*artists, *_ids(track))):
        return "artificial"
    names = (track.artist.name, track.name, track.album) if track else (one.candidate.artist, one.candidate.title)
    return "clutter" if is_clutter(*names) and not any(key in one.recognised for key in artists) else ""


def _ids(track: Track | None) -> list[str]:
    return [artist.id for artist in track.artists] if track else []
