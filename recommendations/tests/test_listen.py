"""Plays are read between the nights, one call an account, the longest unheard first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import responses
from responses import RequestsMock

from accounts.encryption import seal
from accounts.models import SpotifyAccount, User
from recommendations.listen import listen, unheard
from recommendations.models import LibraryState, Play

NOW = datetime.now(UTC)
PLAYED = "https://api.spotify.com/v1/me/player/recently-played"
TRACK = {
    "id": "t1",
    "name": "Song",
    "artists": [{"id": "a1", "name": "Band"}],
    "album": {"name": "LP"},
    "type": "track",
}


@pytest.fixture
def spotify():
    with RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def plays(mocked: RequestsMock, **answer) -> None:
    rows = {"items": [{"played_at": (NOW - timedelta(minutes=5)).isoformat(), "track": TRACK, "context": None}]}
    mocked.add(responses.GET, PLAYED, **(answer or {"json": rows}))


def linked(name: str) -> SpotifyAccount:
    user = User.objects.create_user(name)
    return SpotifyAccount.objects.create(
        user=user, account_id=name, spotify_user_id=name, pending=False, authorized_at=NOW,
        access_token_sealed=seal(f"{user.pk}/{name}/access", f"token-{name}"), expires_at=NOW + timedelta(hours=1),
    )  # fmt: skip


def clock() -> datetime:
    return NOW


def test_each_linked_account_is_heard_with_one_call(alice, spotify):
    linked("bob")
    plays(spotify)
    assert listen(clock) == 2
    assert len(spotify.calls) == 2
    assert Play.objects.count() == 2


def test_whoever_was_heard_lately_is_left_in_peace(alice, spotify, settings):
    settings.LISTEN_HOURS = 3
    plays(spotify)
    assert [listen(clock), listen(clock)] == [1, 0]
    LibraryState.objects.update(plays_at=NOW - timedelta(hours=3, seconds=1))
    assert listen(clock) == 1


def test_whoever_was_never_heard_comes_first_and_then_the_longest_unheard(alice, spotify):
    longest, long, never = linked("bob"), linked("cid"), linked("dan")
    LibraryState.objects.create(account=alice.spotify, plays_at=NOW - timedelta(hours=4))
    LibraryState.objects.create(account=long, plays_at=NOW - timedelta(hours=5))
    LibraryState.objects.create(account=longest, plays_at=NOW - timedelta(hours=6))
    assert unheard(NOW) == [never, longest, long, alice.spotify]


def test_two_turns_side_by_side_ask_once_for_each(alice, spotify):
    linked("bob")
    plays(spotify)
    asked, heard = 0, []

    def late() -> datetime:
        """The other turn comes when this one has its list of accounts, and before it asks for the first."""
        nonlocal asked
        asked += 1
        if asked == 3:
            heard.append(listen(clock))
        return NOW

    assert listen(late) == 0
    assert heard == [2]
    assert len(spotify.calls) == 2


def test_it_can_be_switched_off(alice, spotify, settings):
    settings.LISTEN_HOURS = 0
    assert listen(clock) == 0
    assert len(spotify.calls) == 0


def test_who_must_connect_again_is_not_asked_about(alice, spotify):
    SpotifyAccount.objects.update(needs_reconnect=True)
    assert listen(clock) == 0
    assert len(spotify.calls) == 0


def test_a_limit_ends_the_turn_for_all(alice, spotify):
    linked("bob")
    plays(spotify, status=429, headers={"Retry-After": "3600"})
    assert listen(clock) == 0
    assert len(spotify.calls) == 1


def test_one_accounts_refusal_does_not_stop_the_next_one(alice, spotify):
    linked("bob")
    plays(spotify, status=403, json={"error": {"status": 403, "message": "Insufficient client scope"}})
    plays(spotify)
    assert listen(clock) == 1
    assert len(spotify.calls) == 2


def test_only_as_many_calls_are_made_as_the_quota_leaves(alice, spotify):
    linked("bob")
    plays(spotify)
    assert listen(clock, calls=1) == 1
    assert listen(clock, calls=0) == 0


def test_a_first_listening_leaves_the_reading_of_likes_to_begin_at_the_start(alice, spotify):
    plays(spotify)
    listen(clock)
    state = LibraryState.objects.get()
    assert (state.next_offset, state.reading_since) == (0, NOW)
