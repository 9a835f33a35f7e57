"""Spotify's accounts service: the authorization-code flow of a confidential client, without spotipy.

spotipy's own would prompt on a terminal, overwrite the granted scopes and keep an empty refresh token.
https://developer.spotify.com/documentation/web-api/tutorials/code-flow
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

import requests
from django.conf import settings
from django.utils import timezone

from vibe.clients import spotify_json as read
from vibe.clients.errors import NeedsReconnect, RateLimited, ServiceError
from vibe.clients.http import TIMEOUT, Refused, ask, blocked_until, session, transport_error
from vibe.clients.meter import Meter
from vibe.clients.spotify_errors import SPOTIFY
from vibe.clients.types import Tokens


def authorize_url(state: str, scopes: Sequence[str], *, show_dialog: bool = False) -> str:
    """Where the listener's browser goes; `show_dialog` asks again even where consent was given."""
    query = {
        "client_id": settings.SPOTIFY_CLIENT_ID,
        "response_type": "code",
        "redirect_uri": settings.SPOTIFY_REDIRECT_URI,
        "scope": " ".join(scopes),
        "state": state,
    }
    if show_dialog:
        query["show_dialog"] = "true"
    return f"{_accounts()}/authorize?{urlencode(query)}"


def exchange(code: str, meter: Meter | None = None) -> Tokens:
    """Tokens for the code of a callback. Raises NeedsReconnect for a used, stale or foreign code, else ServiceError."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": settings.SPOTIFY_REDIRECT_URI}
    return _token(form, meter)


def refresh(refresh_token: str, meter: Meter | None = None) -> Tokens:
    """A fresh access token. Raises NeedsReconnect where the consent is over, else ServiceError."""
    return _token({"grant_type": "refresh_token", "refresh_token": refresh_token}, meter)


def app_token(meter: Meter | None = None) -> str:
    """A token of the app itself, which opens the catalogue and nobody's library. Raises ServiceError.

    https://developer.spotify.com/documentation/web-api/tutorials/client-credentials-flow
    """
    return _token({"grant_type": "client_credentials"}, meter).access


def _token(form: Mapping[str, str], meter: Meter | None) -> Tokens:
    meter = meter or Meter(timezone.now)

    def post() -> Tokens:
        try:
            # A session's own netrc look-up would overwrite an Authorization header, not `auth`.
            answer = session().post(
                f"{_accounts()}/api/token",
                data=form,
                auth=(settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET),
                timeout=TIMEOUT,
            )
            return read.tokens(answer.json())
        except Refused as refused:
            raise _refusal(refused, meter.clock()) from None
        except requests.RequestException as error:
            raise transport_error(SPOTIFY, error) from None

    # Not repeatable: a code works once, and a refresh token may have been rotated by the lost answer.
    return ask(meter, SPOTIFY, "token", post, repeatable=False)


def _refusal(refused: Refused, now: datetime) -> ServiceError:
    """By `error` alone: the descriptions change, and revoked and expired share theirs."""
    if refused.status == 429:
        return RateLimited(SPOTIFY, blocked_until(refused.headers.get("Retry-After"), now))
    try:
        body = json.loads(refused.text)
    except ValueError:
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    if error == "invalid_grant":
        return NeedsReconnect(SPOTIFY)
    if error == "invalid_client":
        return ServiceError(SPOTIFY, "bad_credentials", permanent=True, status=refused.status)
    return ServiceError(SPOTIFY, "unavailable", status=refused.status)


def _accounts() -> str:
    url: str = settings.SPOTIFY_ACCOUNTS_URL
    return url.rstrip("/")
