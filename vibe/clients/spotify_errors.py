"""What a refusal of the Spotify Web API means: the status and the words around it -> one of our errors. Pure."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from vibe.clients.errors import NotAllowed, QuotaExceeded, RateLimited, ServiceError, TokenExpired
from vibe.clients.http import Refused, blocked_until

SPOTIFY = "spotify"
QUOTA = "QUOTA_EXCEEDED"
LONG = timedelta(hours=1)  # no rolling window of 30 seconds asks for so long: it is the quota, reason or not
CODES = {400: "bad_request", 404: "not_found", 413: "too_large"}


class NoRoute(ServiceError):
    """A 403 or 404 that says nothing of what was asked for: what a removed route answers, and not it alone."""

    def __init__(self, status: int) -> None:
        super().__init__(SPOTIFY, CODES.get(status, "forbidden"), permanent=True, status=status)


def refusal(refused: Refused, now: datetime) -> ServiceError:
    """https://developer.spotify.com/documentation/web-api/concepts/api-calls (status codes)."""
    message, reason = _said(refused.text)
    if refused.status == 429:
        return _limit(refused, reason, now)
    if refused.status == 401:
        return TokenExpired(SPOTIFY)
    if refused.status == 403:
        return _forbidden(message)
    if refused.status == 404 and message.strip().casefold() in {"", "service not found"}:
        return NoRoute(404)
    if 400 <= refused.status < 500:
        return ServiceError(SPOTIFY, CODES.get(refused.status, "bad_request"), permanent=True, status=refused.status)
    return ServiceError(SPOTIFY, "unavailable", status=refused.status)


def _said(text: str) -> tuple[str, str]:
    """Message and reason of a regular error; the body may be anything: HTML, text, `{"error": "a string"}`."""
    try:
        body = json.loads(text)
    except ValueError:
        return text, ""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        return str(error.get("message") or ""), str(error.get("reason") or "")
    return str(error or ""), ""


def _limit(refused: Refused, reason: str, now: datetime) -> RateLimited:
    until = blocked_until(refused.headers.get("Retry-After"), now)
    if reason == QUOTA or (not reason and until - now > LONG):
        return QuotaExceeded(SPOTIFY, until)
    return RateLimited(SPOTIFY, until)


def _forbidden(message: str) -> ServiceError:
    # The words have changed three times in two years; these have stayed.
    said = message.casefold()
    for word, kind in (("registered", "not_registered"), ("premium", "premium"), ("scope", "scope")):
        if word in said:
            return NotAllowed(SPOTIFY, kind)
    if said.strip() in {"", "forbidden"}:
        return NoRoute(403)
    return ServiceError(SPOTIFY, "forbidden", permanent=True, status=403)
