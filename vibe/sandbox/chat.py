"""The page where a person talks to the bot, beside the pretend Spotify."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from vibe.sandbox.state import Sandbox


def answer(_sandbox: Sandbox, _request: Request) -> Response | None:
    """None for what is none of its addresses."""
    return None
