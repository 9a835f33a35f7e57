"""The random words by which a playlist at Spotify and a run's page are known."""

from __future__ import annotations

from secrets import token_urlsafe
from uuid import uuid4


def new_marker() -> str:
    return uuid4().hex[:10]


def new_public_id() -> str:
    return token_urlsafe(16)
