"""Spotify's accounts service and `/me`, answered below `requests`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import responses
from django.conf import settings

from accounts.encryption import seal
from accounts.models import SpotifyAccount, User
from accounts.spotify_auth import SCOPES

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOKEN_URL = "https://accounts.spotify.com/api/token"
ME_URL = "https://api.spotify.com/v1/me/"


def answer_token(status: int = 200, **changes: Any) -> None:
    body = {
        "access_token": "canary-access",
        "refresh_token": "canary-refresh",
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": " ".join(SCOPES),
        **changes,
    }
    responses.post(TOKEN_URL, json={k: v for k, v in body.items() if v is not None}, status=status)


def answer_me(**changes: Any) -> None:
    body = {"id": "alice-old-id", "account_id": "alice-account", "display_name": "Alice", "type": "user", **changes}
    responses.get(ME_URL, json=body)


def linked_account(user: User, account_id: str = "alice-account", **fields: Any) -> SpotifyAccount:
    owner = f"{user.pk}/{account_id}"
    return SpotifyAccount.objects.create(
        user=user,
        account_id=account_id,
        spotify_user_id="alice-old-id",
        **{
            "access_token_sealed": seal(f"{owner}/access", "old-access"),
            "refresh_token_sealed": seal(f"{owner}/refresh", "old-refresh"),
            "expires_at": NOW,
            "authorized_at": NOW,
            "scopes": " ".join(SCOPES),
            "pending": False,
            **fields,
        },
    )


def token_calls() -> list[str]:
    return [
        str(call.request.body)
        for call in responses.calls
        if call.request.url == settings.SPOTIFY_ACCOUNTS_URL + "/api/token"
    ]
