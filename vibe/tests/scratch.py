"""A database and settings of their own for programs outside pytest: the benchmark and the table of faults."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import django
from cryptography.fernet import Fernet

from vibe.tests.sandbox_process import CLIENT, Sandbox

if TYPE_CHECKING:
    from accounts.models import User

START = datetime(2026, 11, 23, 12, tzinfo=UTC)


@contextmanager
def scratch() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "vibe.settings",
            "ENV_FILE": os.devnull,
            "DB_PATH": str(Path(folder) / "bench.sqlite3"),
            "SECRET_KEY": "only-for-the-benchmark-0123456789-0123456789-0123456789",
            "TOKEN_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "SPOTIFY_CLIENT_ID": CLIENT[0],
            "SPOTIFY_CLIENT_SECRET": CLIENT[1],
            "LASTFM_API_KEY": "bench",
            "LOG_LEVEL": "ERROR",
            "SPOTIFY_CALL_GAP_MS": "0",
            "LASTFM_CALL_GAP_MS": "0",
            "LISTENBRAINZ_CALL_GAP_MS": "0",
            "MUSICBRAINZ_CALL_GAP_MS": "0",
            "DEEZER_CALL_GAP_MS": "0",
            "RECCOBEATS_CALL_GAP_MS": "0",
            "TELEGRAM_CALL_GAP_MS": "0",
            # Many runs in a moment, each to be seen by itself: no day's share, no cap.
            "SPOTIFY_DAILY_CALLS": "0",
            "MANUAL_RUNS_A_DAY": "0",
        }
        os.environ.pop("DATABASE_URL", None)
        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        yield
        connection.close()


def link(sandbox: Sandbox, name: str) -> User:
    from django.conf import settings

    from accounts.encryption import seal
    from accounts.models import SpotifyAccount, User

    for setting, value in sandbox.environment.items():
        setattr(settings, setting, value)
    tokens = sandbox.token_for(sandbox.listeners()[0]["id"])
    user = User.objects.create_user(name)
    owner = f"{user.pk}/{name}"
    SpotifyAccount.objects.create(
        user=user,
        account_id=name,
        spotify_user_id=name,
        access_token_sealed=seal(f"{owner}/access", tokens["access_token"]),
        refresh_token_sealed=seal(f"{owner}/refresh", tokens["refresh_token"]),
        expires_at=START + timedelta(minutes=50),
        authorized_at=START,
        pending=False,
    )
    return user
