"""What is no music, or by no person, and therefore never given. Docs: docs/identity.md."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from recommendations.candidates import Ranked
from recommendations.clutter import is_clutter
from vibe.clients.types import Track


def filler(
    one: Ranked, track: Track | None, artists: Sequence[str], artificial: Collection[str], *, liked: bool
) -> str:
    """The fate of a candidate that is filler, else "".

    `artists`: keys of the track's artists and guests. `artificial`: what `artificial.read` made of the operator's list.
    What the listener `liked`, and a band of the kind that he hears himself, is music to him.
    """
    if artificial and any(mark in artificial for mark in (*artists, *_ids(track))):
        return "artificial"
    artist, *names = (
        (track.artist.name, track.name, track.album) if track else (one.candidate.artist, one.candidate.title)
    )
    if liked or not is_clutter(artist, *names) or (artists[0] in one.recognised and is_clutter(artist, "")):
        return ""
    return "clutter"


def _ids(track: Track | None) -> list[str]:
    return [artist.id for artist in track.artists] if track else []
