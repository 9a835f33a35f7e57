from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.encryption import seal
from accounts.models import User
from recommendations.models import ResolvedTrack, SourceCache
from vibe.tests import telegram_schema
from vibe.tests.sandbox_process import CLIENT, Sandbox

ENOUGH = 20  # of each kind: those of a whole run
_answers: dict[Any, list[dict[str, Any]]] = {}  # by model


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox
        # Whatever the tests of this process had said in Telegram.
        telegram_schema.check(sandbox)


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same repeats and look-ups, with hardly a pause between them."""
    monkeypatch.setattr("vibe.clients.http.BACKOFF", (0.01, 0.01))
    monkeypatch.setattr("playlists.publish.LOOK_AGAIN", (0.0, 0.01, 0.05))


@pytest.fixture
def sandbox(running_sandbox: Sandbox, settings) -> Iterator[Sandbox]:
    """The built-in world, with no faults, no calls and the real time; the settings point at it."""
    for name, value in running_sandbox.environment.items():
        setattr(settings, name, value)
    settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET = CLIENT
    running_sandbox.set_clock(datetime.now(UTC))
    running_sandbox.calls(clear=True)
    yield running_sandbox
    running_sandbox.clear_faults()


@pytest.fixture
def warm(db: None) -> Iterator[None]:
    """What the catalogues answered the first test of this process is known to the others, as it is in a household.

    For tests of what follows the choice; those of the choice itself ask anew.
    """
    for model, rows in _answers.items():
        model.objects.bulk_create(model(**row) for row in rows)
    yield
    if not _answers:
        models: list[Any] = [SourceCache, ResolvedTrack]
        found = {model: list(model.objects.values()) for model in models}
        if all(len(rows) > ENOUGH for rows in found.values()):
            _answers.update({model: [{**row, "id": None} for row in rows] for model, rows in found.items()})


@pytest.fixture
def listener(alice: User, sandbox: Sandbox) -> User:
    """Alice, linked to the world's demo listener."""
    account = alice.spotify
    assert account is not None
    tokens = sandbox.token_for("demo")
    owner = f"{alice.pk}/{account.account_id}"
    account.access_token_sealed = seal(f"{owner}/access", tokens["access_token"])
    account.refresh_token_sealed = seal(f"{owner}/refresh", tokens["refresh_token"])
    account.expires_at = datetime.now(UTC) + timedelta(hours=1)
    account.save()
    return alice
