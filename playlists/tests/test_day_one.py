"""Five listeners of one installation in Development Mode, whose quotas the sandbox enforces, on their first days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.encryption import seal
from accounts.models import SpotifyAccount, User
from playlists.budget import for_listening
from playlists.generate import generate
from playlists.models import PlaylistRun
from recommendations.listen import listen
from vibe.clients.quota import CEILINGS
from vibe.sandbox.synthetic import build
from vibe.tests.sandbox_process import CLIENT, Sandbox

LIKES = 5000
EVENING = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
MORNING = EVENING + timedelta(hours=11)
# As Spotify's own quotas, of which nothing is known, might well be: our ceilings, to the call.
QUOTAS = {name: calls for name, calls in CEILINGS.items() if name != "playlist"}
QUOTAS |= {"playlist_read": 50, "playlist_write": 50}


@pytest.fixture
def sandbox(settings) -> Iterator[Sandbox]:
    with Sandbox(build(likes=LIKES, listeners=5)) as sandbox:
        for name, value in sandbox.environment.items():
            setattr(settings, name, value)
        settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET = CLIENT
        sandbox.set_clock(EVENING)
        sandbox.limit(daily=QUOTAS)
        yield sandbox


def link(sandbox: Sandbox, name: str) -> User:
    user, tokens = User.objects.create_user(name), sandbox.token_for(name)
    SpotifyAccount.objects.create(
        user=user,
        account_id=name,
        spotify_user_id=name,
        access_token_sealed=seal(f"{user.pk}/{name}/access", tokens["access_token"]),
        refresh_token_sealed=seal(f"{user.pk}/{name}/refresh", tokens["refresh_token"]),
        expires_at=EVENING + timedelta(hours=1),
        authorized_at=EVENING,
        pending=False,
    )
    return user


def lists(users: list[User], sandbox: Sandbox, at: datetime, trigger: str) -> list[PlaylistRun]:
    """One for each, the plays of all being read in between."""
    sandbox.set_clock(at)
    runs = []
    for user in users:
        runs.append(generate(user, trigger=trigger, clock=lambda: at))
        listen(lambda: at, for_listening(at))
    return runs


def test_five_users_with_5000_likes_each_have_a_list_on_day_one_and_every_morning_after_without_a_429(db, sandbox):
    users = [link(sandbox, one["id"]) for one in sandbox.listeners()]
    first = lists(users, sandbox, EVENING, "bot")
    assert sandbox.limits()["answered"] <= CEILINGS["total"]
    User.objects.update(nightly_at=time(7))
    morning = lists(users, sandbox, MORNING, "nightly")
    later = lists(users, sandbox, MORNING + timedelta(days=1), "nightly")
    for run in (*first, *morning, *later):
        assert (run.status, run.error_code, run.total) == ("success", "", 30)
        assert run.new >= run.min_new_ratio * 30
    # Eleven hours after the first lists there is little left to spend, and the lists say so.
    assert all("quota" in run.relaxations for run in morning)
    assert sandbox.limits()["refused"] == {}
