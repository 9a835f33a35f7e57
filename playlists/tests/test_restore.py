"""Every past day can be had again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from playlists.models import PlaylistRun
from playlists.publish import publish
from playlists.request import AlreadyRunning
from playlists.restore import NothingToRestore, restore
from playlists.tests.at_spotify import AtSpotify, client_of, finish, now, planned, tracks
from recommendations.models import RecommendationHistory
from vibe.clients.errors import ServiceError

pytestmark = pytest.mark.usefixtures("warm")

ITEMS = "/v1/playlists/[^/]+/items"


@pytest.fixture
def at_spotify(sandbox) -> AtSpotify:
    return AtSpotify(sandbox)


@pytest.fixture
def client(listener, at_spotify):
    return client_of(listener)


def day(user: User, client, first: int) -> PlaylistRun:
    run = planned(user, client, 4, first=first)
    publish(run, client, now)
    return finish(run)


@pytest.fixture
def standing_days(listener, client) -> list[PlaylistRun]:
    User.objects.update(playlist_mode="standing")
    listener.refresh_from_db()
    return [day(listener, client, first) for first in (0, 10, 20)]


def test_a_past_day_comes_back_into_the_standing_playlist(listener, at_spotify, client, standing_days):
    history = list(RecommendationHistory.objects.values())
    done = restore(standing_days[0], client, now)
    assert (done.is_new, done.tracks) == (False, 4)
    assert [one["id"] for one in at_spotify.library()] == [standing_days[0].playlist_id]
    assert at_spotify.ids(done.playlist.id) == tracks(standing_days[0]) != tracks(standing_days[2])
    assert list(RecommendationHistory.objects.values()) == history


def test_a_restore_that_fails_leaves_what_was_there(listener, at_spotify, client, standing_days):
    at_spotify.sandbox.fault("empty", path=ITEMS, method="GET", times=2, after=1)
    with pytest.raises(ServiceError, match="incomplete"):
        restore(standing_days[0], client, now)
    assert at_spotify.ids(standing_days[0].playlist_id) == tracks(standing_days[2])


def test_a_tidied_list_comes_back_as_a_new_private_one_that_is_kept(listener, at_spotify, client, settings):
    settings.PLAYLIST_VISIBILITY = "public"
    run = day(listener, client, 0)
    at_spotify.unfollow(run.playlist_id)
    PlaylistRun.objects.filter(pk=run.pk).update(tidied_at=now(), playlist_name="As it was called")
    run.refresh_from_db()
    done = restore(run, client, now)
    place = at_spotify.library()
    assert [one["id"] for one in place] == [done.playlist.id] != [run.playlist_id]
    assert (place[0]["name"], place[0]["public"]) == (run.playlist_name, False)
    assert at_spotify.ids(done.playlist.id) == tracks(run)
    again = PlaylistRun.objects.get(pk=run.pk)
    assert (again.playlist_id, again.kept, again.tidied_at) == (done.playlist.id, True, None)
    listener.refresh_from_db()
    assert listener.latest_playlist_id == done.playlist.id
    with pytest.raises(NothingToRestore, match="there"):
        restore(again, client, now)


def test_a_list_that_is_in_the_library_is_not_made_again(listener, at_spotify, client):
    run = day(listener, client, 0)
    with pytest.raises(NothingToRestore, match="there"):
        restore(run, client, now)
    assert len(at_spotify.library()) == 1


def test_a_list_that_somebody_emptied_comes_back_beside_it(listener, at_spotify, client):
    run = day(listener, client, 0)
    for track in tracks(run):
        at_spotify.remove(run.playlist_id, track)
    done = restore(run, client, now)
    assert {one["id"] for one in at_spotify.library()} == {run.playlist_id, done.playlist.id}


@pytest.mark.parametrize("which", [0, 1], ids=["its maker's", "a later one"])
def test_a_day_of_a_standing_list_comes_back_as_one_of_its_own_in_the_other_mode(
    listener, at_spotify, client, standing_days, which
):
    User.objects.update(playlist_mode="fresh")
    done = restore(PlaylistRun.objects.get(pk=standing_days[which].pk), client, now)
    assert at_spotify.ids(standing_days[0].playlist_id) == tracks(standing_days[2])
    assert at_spotify.ids(done.playlist.id) == tracks(standing_days[which])
    assert standing_days[which].day.isoformat() in at_spotify.one(done.playlist.id)["name"]


def test_a_restore_that_broke_off_is_gone_on_with(listener, at_spotify, client):
    run = day(listener, client, 0)
    at_spotify.unfollow(run.playlist_id)
    at_spotify.sandbox.fault("timeout_after_write", mode="drop", path="/v1/me/playlists", method="POST")
    with pytest.raises(ServiceError):
        restore(run, client, now)
    restore(run, client, now)
    assert [at_spotify.ids(one["id"]) for one in at_spotify.library()] == [tracks(run)]


def test_a_restored_list_that_was_changed_since_is_left_alone_by_later_restores(listener, at_spotify, client):
    run = day(listener, client, 0)
    at_spotify.unfollow(run.playlist_id)
    changed = []
    for _time in range(3):
        changed.append(restore(PlaylistRun.objects.get(pk=run.pk), client, now).playlist.id)
        at_spotify.remove(changed[-1], tracks(run)[0])
    at_spotify.sandbox.fault("empty", path=ITEMS, method="GET", times=3, after=3)
    with pytest.raises(ServiceError, match="incomplete"):
        restore(PlaylistRun.objects.get(pk=run.pk), client, now)
    assert [one["id"] for one in at_spotify.library()] == changed
    assert {tuple(at_spotify.ids(one)) for one in changed} == {tuple(tracks(run)[1:])}


def test_no_run_of_the_user_begins_while_one_of_his_is_restored(listener, at_spotify, client):
    run = day(listener, client, 0)
    at_spotify.unfollow(run.playlist_id)
    waiting = planned(listener, client, 3, status="queued", lease_token="", lease_until=None)
    asked, begun = 0, []

    def clock():
        """Asked first before the restore has begun, and then before each write."""
        nonlocal asked
        asked += 1
        if asked > 1:
            begun.append(waiting.claim(now()))
        return now()

    restore(run, client, clock)
    assert begun
    assert not any(begun)
    assert waiting.claim(now())
    assert set(PlaylistRun.objects.values_list("pk", flat=True)) == {run.pk, waiting.pk}


def test_a_failed_restore_leaves_the_way_free_for_the_next_run(listener, at_spotify, client):
    run = day(listener, client, 0)
    at_spotify.unfollow(run.playlist_id)
    at_spotify.sandbox.fault("server_error", status=503, times=None)
    with pytest.raises(ServiceError):
        restore(run, client, now)
    assert list(PlaylistRun.objects.all()) == [run]


def test_a_restore_that_slept_while_a_run_began_writes_nothing(listener, at_spotify, client):
    run = day(listener, client, 0)
    at_spotify.unfollow(run.playlist_id)
    at_spotify.sandbox.calls(clear=True)
    asked = 0

    def clock():
        nonlocal asked
        asked += 1
        if asked == 2:
            PlaylistRun.objects.filter(user=listener).revive(now() + timedelta(hours=1))
            planned(listener, client, 3)
        return now()

    with pytest.raises(AlreadyRunning):
        restore(run, client, clock)
    assert at_spotify.writes() == []


def test_a_new_one_that_cannot_be_filled_is_taken_away(listener, at_spotify, client):
    run = day(listener, client, 0)
    at_spotify.unfollow(run.playlist_id)
    at_spotify.sandbox.fault("empty", path=ITEMS, method="GET", times=2)
    with pytest.raises(ServiceError, match="incomplete"):
        restore(run, client, now)
    assert at_spotify.library() == []


@pytest.mark.parametrize("columns", [{"status": "failed"}, {"dry_run": True}], ids=str)
def test_a_run_that_made_no_playlist_has_nothing_to_restore(listener, at_spotify, client, columns):
    run = day(listener, client, 0)
    PlaylistRun.objects.filter(pk=run.pk).update(**columns)
    with pytest.raises(NothingToRestore, match="no_tracks"):
        restore(PlaylistRun.objects.get(pk=run.pk), client, now)


def test_nothing_is_restored_while_a_run_is_under_way(listener, at_spotify, client):
    run = day(listener, client, 0)
    other = planned(listener, client, 3)
    with pytest.raises(AlreadyRunning):
        restore(run, client, now)
    PlaylistRun.objects.filter(pk=other.pk).update(lease_until=now() - timedelta(seconds=1))
    at_spotify.unfollow(run.playlist_id)
    assert restore(run, client, now).is_new


def test_the_command_says_what_it_did(listener, at_spotify, client, capsys):
    run = day(listener, client, 0)
    at_spotify.unfollow(run.playlist_id)
    call_command("restore", "--run", str(run.pk))
    told = capsys.readouterr().out
    assert "4" in told
    assert PlaylistRun.objects.get(pk=run.pk).playlist_url in told


@pytest.mark.parametrize(
    ("prepare", "code", "words"),
    [
        (lambda run, *_: PlaylistRun.objects.all().delete(), 2, "no run"),
        (lambda run, *_: run.user.spotify_accounts.all().delete(), 1, "manage.py connect"),
        (lambda *_: None, 1, "is in the library"),
        (lambda run, *_: run.tracks.all().delete(), 1, "nothing to restore"),
        (lambda run, client, _: planned(run.user, client, 3), 1, "under way"),
        (lambda _, __, sandbox: sandbox.fault("quota", path="/v1/me/playlists"), 1, "takes no calls of ours until"),
        (lambda _, __, sandbox: sandbox.fault("server_error", status=503, times=None), 1, "503"),
    ],
    ids=["unknown", "not connected", "there", "no tracks", "running", "quota", "down"],
)
def test_the_command_says_what_stands_in_the_way(listener, at_spotify, client, prepare, code, words):
    run = day(listener, client, 0)
    prepare(run, client, at_spotify.sandbox)
    with pytest.raises(CommandError, match=words) as refused:
        call_command("restore", "--run", str(run.pk))
    assert refused.value.returncode == code
