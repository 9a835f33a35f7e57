"""A listener who goes while his run is under way: it ends, and brings nothing back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db.models import Model

from accounts.encryption import seal
from accounts.models import Outbox, SpotifyAccount, User
from botapp.forget import forget
from playlists.generate import perform
from playlists.linking import connected
from playlists.models import PlaylistRun
from playlists.request import order
from playlists.tests.at_spotify import now
from recommendations import models

# The database refuses rows that refer to nothing when they are committed, so these tests commit.
pytestmark = pytest.mark.django_db(transaction=True)
STEPS = ["connecting", "plays", "selecting", "writing"]
HIS: list[type[Model]] = [
    *(models.SavedTrack, models.LibraryState, models.Play, models.RecommendationHistory, models.Feedback),
    *(apps.get_model("playlists", name) for name in ("PlaylistRun", "PlaylistRunTrack", "RunLedger")),
    *(apps.get_model("accounts", name) for name in ("User", "SpotifyAccount", "OAuthState", "Outbox")),
]


def carry_out(user: User, leave, step: str) -> PlaylistRun:
    run, _ = order(user, trigger="bot", now=now(), size=5)

    def progress(at: str, **_counts: object) -> None:
        if at == step:
            leave(User.objects.get(pk=user.pk))

    return perform(run, now, progress)


@pytest.mark.parametrize("step", STEPS)
def test_a_run_whose_listener_disconnects_ends_as_disconnected(listener, sandbox, step, caplog):
    run = carry_out(listener, lambda user: user.spotify.delete(), step)
    run.refresh_from_db()
    assert (run.status, run.error_code) == ("needs_link", "disconnected")
    assert not any(model._default_manager.exists() for model in HIS[:5])
    assert "unexpectedly" not in caplog.text
    assert [message.kind for message in Outbox.objects.all()] == ["needs_link"]


def other_account(sandbox):
    """Another consent, confirmed at this moment; nothing of the old account is kept."""
    tokens = sandbox.token_for(sandbox.listeners()[1]["id"])

    def take_place(user: User) -> None:
        owner = f"{user.pk}/other"
        pending = SpotifyAccount.objects.create(
            user=user,
            account_id="other",
            spotify_user_id="other",
            access_token_sealed=seal(f"{owner}/access", tokens["access_token"]),
            refresh_token_sealed=seal(f"{owner}/refresh", tokens["refresh_token"]),
            expires_at=now() + timedelta(minutes=50),
            authorized_at=now(),
        )
        connected(pending, keep=False)

    return take_place


@pytest.mark.parametrize("step", STEPS)
def test_a_run_whose_listener_connects_another_account_goes_on_with_that_one(listener, sandbox, step, caplog):
    run = carry_out(listener, other_account(sandbox), step)
    run.refresh_from_db()
    assert (run.status, run.error_code) == ("queued", "token_expired")
    assert "unexpectedly" not in caplog.text
    perform(run, lambda: now() + timedelta(minutes=10))
    run.refresh_from_db()
    assert run.status == "success"
    assert listener.spotify.account_id == "other"


@pytest.mark.parametrize("step", STEPS)
def test_a_run_whose_listener_has_himself_forgotten_brings_nothing_back(listener, sandbox, step, caplog):
    carry_out(listener, forget, step)
    assert [model.__name__ for model in HIS if model._default_manager.exists()] == []
    assert "unexpectedly" not in caplog.text
