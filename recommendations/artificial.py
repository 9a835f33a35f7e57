"""The operator's list of artists who are none: machines that fill catalogues. Its format: docs/identity.md."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.conf import settings

from recommendations.identity import artist_key

SPOTIFY_ID = 22  # letters and digits
URI = "spotify:artist:"
logger = logging.getLogger(__name__)


def known() -> frozenset[str]:
    """Artist keys and Spotify ids of the list; none where there is none, or none that can be read (it is logged)."""
    try:
        return read()
    except (OSError, ValueError) as error:
        logger.warning("ARTIFICIAL_ARTISTS_FILE can't be read: %s", type(error).__name__)
        return frozenset()


def read() -> frozenset[str]:
    """Raises OSError or ValueError where the file can't be read."""
    if not settings.ARTIFICIAL_ARTISTS_FILE:
        return frozenset()
    path = settings.BASE_DIR / settings.ARTIFICIAL_ARTISTS_FILE
    return parse(path.read_text(encoding="utf-8-sig").splitlines())


def parse(lines: Iterable[str]) -> frozenset[str]:
    """One name, Spotify id, URI or link a line; a comment begins a line with "#", or follows a name behind " # "."""
    entries = (line.split(" # ")[0].strip() for line in lines)
    return frozenset(mark for entry in entries if entry and not entry.startswith("#") for mark in _marks(entry))


def _marks(entry: str) -> list[str]:
    id_ = entry.removeprefix(URI).rpartition("/artist/")[2].partition("?")[0]
    is_id = len(id_) == SPOTIFY_ID and id_.isascii() and id_.isalnum()
    # Twenty-two letters may be a name as well.
    return [id_] if is_id and id_ != entry else [artist_key(entry), *([id_] if is_id else [])]
