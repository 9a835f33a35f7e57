"""What was read from Spotify goes at once, after a question; what is at Spotify stays."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.utils import timezone

from accounts.models import OAuthState, Outbox, SpotifyAccount
from accounts.spotify_auth import begin_link
from botapp.tests.listener import presses, says
from botapp.tests.playlist import HOSTILE, ODD, account_of, liked, listener, made, remembered, stranger
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from recommendations import feedback
from recommendations.models import Feedback, RecommendationHistory, SavedTrack


@pytest.fixture
def user(alice):
    user = listener(alice, nightly_at=time(7, 30))
    liked(user, "Band", "Song")
    remembered(user, "id", "Band", "Other")
    feedback.block(account_of(user), "Nobody", timezone.now())
    return user


def left() -> list[int]:
    return [model.objects.count() for model in (SpotifyAccount, SavedTrack, RecommendationHistory, Feedback)]


def test_nothing_goes_before_the_button_is_pressed(user):
    (said,) = says(7, "/disconnect")
    assert "1 like" in said.html
    assert left() == [1, 1, 1, 1]
    presses(7, "No")
    assert left() == [1, 1, 1, 1]
    says(7, "/disconnect")
    (done,) = presses(7, "Yes, disconnect")
    assert done.edits
    assert "stay yours" in done.html
    assert "hour of your daily playlist stays" in done.html
    assert left() == [0, 0, 0, 0]
    user.refresh_from_db()
    assert user.nightly_at == time(7, 30)


@pytest.mark.parametrize("odd", [*ODD, "yes", "YES"])
def test_no_word_behind_the_command_stands_for_the_button(user, odd):
    assert says(7, f"/disconnect {odd}")[0].payload["state"] == "sure"
    assert left() == [1, 1, 1, 1]


def test_pressing_twice_says_that_nothing_is_connected(user):
    presses(7, "disconnect:yes")
    (said,) = presses(7, "disconnect:yes")
    assert said.payload["state"] == "none"
    assert says(7, "/disconnect")[0].payload["state"] == "none"


def test_links_that_were_not_opened_and_consents_that_wait_go_too(user):
    begin_link(user, timezone.now(), 7)
    SpotifyAccount.objects.create(
        user=user, account_id="other", spotify_user_id="x", expires_at=timezone.now(), authorized_at=timezone.now()
    )
    presses(7, "disconnect:yes")
    assert not OAuthState.objects.exists()
    assert not SpotifyAccount.objects.exists()


def test_what_is_left_of_a_playlist_is_its_day_its_counts_and_where_it_is(user):
    run = made(user, 3, new=2, plan={"tracks": [{"name": "Song 1", "reason": {}, "is_new": True}]})
    RunLedger.objects.create(run=run, body=RunLedger.pack({"seeds": ["Seed"]}))
    shown = says(7, "/why")[0]
    assert "Song 1" in shown.html
    Outbox.objects.create(key="later", chat_id=7, kind="why_none", payload={"tracks": ["Song 2"]})
    Outbox.objects.create(key="other", chat_id=8, kind="why_none", payload={"tracks": ["Song 2"]})
    presses(7, "disconnect:yes")
    run.refresh_from_db()
    assert (run.total, run.new, run.plan, run.playlist_url) == (3, 2, None, "https://open.spotify.com/playlist/x")
    assert not PlaylistRunTrack.objects.exists()
    assert not RunLedger.objects.exists()
    kept = Outbox.objects.filter(chat_id=7)
    assert "Song" not in str(list(kept.values_list("payload", flat=True)))
    assert (kept.get(key="later").status, Outbox.objects.get(key="other").status) == ("dead", "pending")
    assert says(7, "/why")[0].kind == "why_none"
    assert says(7, "/latest")[0].payload["total"] == 3


def test_the_nights_run_is_dropped(user):
    row = {"user": user, "created_at": timezone.now(), "size_asked": 5, "min_new_ratio": 0.5, "day": date(2026, 11, 23)}
    night = PlaylistRun.objects.create(**row, night=date(2026, 11, 23), trigger="nightly")
    wanted = PlaylistRun.objects.create(**row, trigger="bot", asked=1)
    presses(7, "disconnect:yes")
    for run in (night, wanted):
        run.refresh_from_db()
    assert (night.status, night.error_code, wanted.status) == ("failed", "disconnected", "queued")


def test_nobody_elses_account_goes(user):
    bob = stranger()
    SpotifyAccount.objects.create(
        user=bob, account_id="bob", spotify_user_id="bob", pending=False,
        expires_at=timezone.now(), authorized_at=timezone.now(),
    )  # fmt: skip
    presses(7, "disconnect:yes")
    assert SpotifyAccount.objects.get().user == bob


def test_names_are_escaped(user):
    SpotifyAccount.objects.update(display_name=HOSTILE)
    assert HOSTILE not in says(7, "/disconnect")[0].html


def test_it_can_be_said_in_russian(user):
    listener(user, language="ru")
    assert says(7, "/disconnect")[0].html
    assert presses(7, "disconnect:yes")[0].html
