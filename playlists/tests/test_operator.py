"""What the operator asks for a listener: an answer at once, one piece of work however often it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import OAuthState, Outbox, SpotifyAccount, User
from playlists import errands, operator, tasks
from playlists.models import PlaylistRun
from playlists.request import order
from playlists.states import ATTEMPTS, LEASE
from playlists.tests.at_spotify import AtSpotify
from recommendations.models import LibraryState, SavedTrack

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def rings() -> list[str]:
    return [row.task["func"].rpartition(".")[2] for row in OrmQ.objects.order_by("pk")]


def test_a_list_is_asked_for_once(alice):
    assert [operator.generate(alice, NOW) for _ in range(2)] == ["queued", "waiting"]
    run = PlaylistRun.objects.get()
    assert (run.trigger, run.dry_run, run.night, rings()) == ("admin", False, NOW.date(), ["run"])


@pytest.mark.parametrize(
    ("columns", "answer"),
    [
        ({"status": "success"}, "there"),
        ({"status": "running", "lease_until": NOW + LEASE}, "busy"),
        ({"status": "queued", "asked": 1, "not_before": NOW + timedelta(hours=1)}, "parked"),
        ({"status": "failed"}, "queued"),
        ({"status": "failed", "asked": 5}, "too_many"),
    ],
)
def test_a_list_that_is_there_already_says_how_it_stands(alice, columns, answer):
    operator.generate(alice, NOW)
    OrmQ.objects.all().delete()
    PlaylistRun.objects.update(**columns)
    assert operator.generate(alice, NOW) == answer
    assert (PlaylistRun.objects.count(), bool(rings())) == (1, answer == "queued")


@pytest.mark.parametrize(("status", "answer"), [("success", "there"), ("queued", "waiting"), ("running", "busy")])
def test_a_list_that_the_listener_asked_for_himself_is_todays_too(alice, status, answer):
    order(alice, trigger="bot", now=NOW, force=True)
    PlaylistRun.objects.update(status=status)
    assert operator.generate(alice, NOW) == answer
    assert PlaylistRun.objects.count() == 1
    assert operator.generate(alice, NOW + timedelta(days=1)) == "queued"


def test_dry_runs_are_made_one_after_the_other(alice):
    assert [operator.dry_run(alice, NOW) for _ in range(2)] == ["queued", "waiting"]
    run = PlaylistRun.objects.get()
    assert (run.trigger, run.dry_run, run.night) == ("admin", True, None)
    PlaylistRun.objects.update(status="success")
    assert operator.dry_run(alice, NOW) == "queued"


def test_dry_runs_are_none_of_the_listeners_own_wishes_of_the_day(alice, settings):
    settings.MANUAL_RUNS_A_DAY = 1
    for _ in range(2):
        assert operator.dry_run(alice, NOW) == "queued"
        PlaylistRun.objects.update(status="success")
    assert operator.generate(alice, NOW) == "queued"
    assert operator.dry_run(alice, NOW) == "queued"


def test_an_operators_dry_run_is_rung_for_again_and_revived_like_any_run(alice):
    operator.dry_run(alice, NOW)
    later = NOW + timedelta(hours=1)
    assert PlaylistRun.objects.unheard(later).count() == 1
    PlaylistRun.objects.update(status="running", lease_until=NOW, attempts=1)
    assert PlaylistRun.objects.revive(later) == 1
    PlaylistRun.objects.update(status="running", lease_until=NOW, attempts=ATTEMPTS)
    tasks.bury(later)
    assert PlaylistRun.objects.get().error_code == "worn_out"
    assert not Outbox.objects.exists()


@pytest.mark.usefixtures("warm")
def test_a_worker_makes_the_dry_run_and_nobody_is_told(sandbox, listener):
    at_spotify = AtSpotify(sandbox)
    assert operator.dry_run(listener, timezone.now()) == "queued"
    run = PlaylistRun.objects.get()
    tasks.run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.total, run.playlist_id) == ("success", run.size_asked, "")
    assert run.tracks.count() == run.total
    assert not Outbox.objects.exists()
    assert at_spotify.writes() == []


def test_likes_are_read_by_a_worker_and_nobody_is_told(listener):
    assert operator.sync(listener, NOW) == "queued"
    ring = OrmQ.objects.get().task
    assert ring["func"] == "playlists.errands.sync"
    errands.sync(*ring["args"])
    assert LibraryState.objects.get().synced_at
    assert SavedTrack.objects.exists()
    assert not Outbox.objects.exists()


def test_disconnecting_takes_away_all_that_was_read_and_what_waits(alice):
    operator.generate(alice, NOW)
    PlaylistRun.objects.update(asked=0)
    account = alice.spotify
    SavedTrack.objects.create(account=account, spotify_track_id="t", match_key="k", name="n", added_at=NOW, seen_at=NOW)
    SpotifyAccount.objects.create(user=alice, account_id="other", expires_at=NOW, authorized_at=NOW, pending=True)
    OAuthState.objects.create(user=alice, token_hash="h", expires_at=NOW)
    assert operator.disconnect(alice, NOW) == "disconnected"
    assert not any(model.objects.exists() for model in (SpotifyAccount, SavedTrack, OAuthState))
    assert PlaylistRun.objects.get().error_code == "disconnected"
    assert operator.disconnect(alice, NOW) == "not_linked"


@pytest.mark.django_db
@pytest.mark.parametrize("ask", [operator.generate, operator.dry_run, operator.sync, operator.disconnect])
def test_nothing_is_done_for_who_has_no_spotify(ask):
    assert ask(User.objects.create_user("bob"), NOW) == "not_linked"
    assert not PlaylistRun.objects.exists()
    assert not rings()
