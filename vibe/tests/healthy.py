"""An installation with which all is well, against a sandbox: what the doctor's tests break one thing of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone
from django_q.models import Schedule

from accounts.encryption import seal
from accounts.models import SpotifyAccount, User
from accounts.spotify_auth import scopes
from vibe.clients.models import Heartbeat
from vibe.doctor.work import make_schedules
from vibe.tests import telegram_schema
from vibe.tests.sandbox_process import CLIENT, Sandbox

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw9"
OPERATOR = 42


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox
        telegram_schema.check(sandbox)


@pytest.fixture
def sandbox(_sandbox: Sandbox) -> Iterator[Sandbox]:
    _sandbox.set_clock(timezone.now())
    _sandbox.calls(clear=True)
    _sandbox.say(OPERATOR, "/start", name="Olga")
    yield _sandbox
    _sandbox.clear_faults()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """To nobody."""


@pytest.fixture(scope="session")
def web_server() -> Iterator[str]:
    """Our own, in a thread, for pages that need no database; its address."""
    with make_server("127.0.0.1", 0, WSGIHandler(), handler_class=_Quiet) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def healthy(
    db: None, sandbox: Sandbox, web_server: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> User:
    """The listener, linked to the world's demo one."""
    for name, value in sandbox.environment.items():
        setattr(settings, name, value)
    settings.PUBLIC_URL, settings.SPOTIFY_REDIRECT_URI = web_server, f"{web_server}/auth/spotify/callback"
    settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET = CLIENT
    settings.TELEGRAM_BOT_TOKEN, settings.OPERATOR_CHAT_ID = TOKEN, str(OPERATOR)
    settings.ENV_FILE = tmp_path / ".env"
    settings.ENV_FILE.touch(0o600)
    now = timezone.now()
    Heartbeat.objects.bulk_create(Heartbeat(name=name, at=now) for name in ("reap", "bot"))
    make_schedules()  # a test that committed may have emptied the table
    Schedule.objects.update(next_run=now)
    monkeypatch.setattr("vibe.clients.http.BACKOFF", (0.01, 0.01))
    return linked(sandbox, "anna", "demo")


def linked(sandbox: Sandbox, name: str, listener: str) -> User:
    tokens = sandbox.token_for(listener)
    user = User.objects.create_user(name, telegram_chat_id=len(name), nightly_at="07:00", is_approved=True)
    owner = f"{user.pk}/acc-{name}"
    SpotifyAccount.objects.create(
        user=user,
        account_id=f"acc-{name}",
        spotify_user_id=listener,
        access_token_sealed=seal(f"{owner}/access", tokens["access_token"]),
        refresh_token_sealed=seal(f"{owner}/refresh", tokens["refresh_token"]),
        expires_at=timezone.now() + timedelta(hours=1),
        scopes=" ".join(scopes()),
        authorized_at=timezone.now(),
        pending=False,
    )
    return user
