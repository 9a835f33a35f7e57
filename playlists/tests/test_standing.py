"""One playlist, refilled in place: never a second one, never a worse one."""

from __future__ import annotations

import pytest
from responses import RequestsMock

from accounts.models import User
from playlists.models import PlaylistRun
from playlists.publish import publish
from playlists.states import LEASE, LostLease
from playlists.tests.at_spotify import AtSpotify, client_of, finish, make, now, on_day, planned, tracks
from vibe.clients.errors import ServiceError
from vibe.clients.models import ServiceState

pytestmark = pytest.mark.usefixtures("warm")

ITEMS = "/v1/playlists/[^/]+/items"


@pytest.fixture
def at_spotify(sandbox) -> AtSpotify:
    return AtSpotify(sandbox)


@pytest.fixture
def listener(listener: User) -> User:
    listener.playlist_mode = User.Mode.STANDING
    listener.save()
    return listener


@pytest.fixture
def good(listener, at_spotify) -> PlaylistRun:
    """A standing playlist of six tracks, from yesterday, say."""
    client = client_of(listener)
    run = planned(listener, client, 6)
    publish(run, client, now)
    return finish(run)


def standing_id(user: User) -> str:
    account = User.objects.get(pk=user.pk).spotify
    assert account is not None
    return account.standing_playlist_id


def test_three_days_fill_one_playlist_in_place(listener, at_spotify):
    runs = [make(listener, on_day(at_spotify.sandbox, day)) for day in range(3)]
    assert {run.status for run in runs} == {"success"}
    assert len({run.playlist_id for run in runs}) == at_spotify.creations() == 1
    place = at_spotify.library()
    assert [one["id"] for one in place] == [standing_id(listener)]
    assert at_spotify.ids(place[0]["id"]) == tracks(runs[2])
    assert tracks(runs[0]) != tracks(runs[2])
    assert place[0]["name"] == "Daily Vibe"
    assert listener.latest_playlist_id == place[0]["id"]


def test_its_description_tells_the_day_and_keeps_its_makers_marker(listener, at_spotify, good):
    client = client_of(listener)
    made = at_spotify.one(good.playlist_id)["description"]
    run = planned(listener, client, 4, day=on_day(at_spotify.sandbox, 1).date())
    publish(run, client, now)
    told = at_spotify.one(good.playlist_id)["description"]
    assert told != made
    assert "4 of 4" in told
    assert good.marker in told
    assert run.marker not in told


def test_what_the_listener_calls_it_and_says_of_it_is_left_alone(listener, at_spotify, good):
    at_spotify.change(good.playlist_id, name="Breakfast", description="mine")
    client = client_of(listener)
    run = planned(listener, client, 5)
    publish(run, client, now)
    place = at_spotify.one(good.playlist_id)
    assert (place["name"], place["description"], run.playlist_name) == ("Breakfast", "mine", "Breakfast")
    assert len(place["tracks"]) == 5


def test_an_unfollowed_one_is_made_anew(listener, at_spotify, good):
    at_spotify.unfollow(good.playlist_id)
    run = make(listener)
    assert [one["id"] for one in at_spotify.library()] == [run.playlist_id] == [standing_id(listener)]
    assert run.playlist_id != good.playlist_id
    assert at_spotify.ids(good.playlist_id) == tracks(good)


def test_a_kept_one_stays_as_it_is_beside_the_new_one(listener, at_spotify, good):
    PlaylistRun.objects.filter(pk=good.pk).update(kept=True)
    run = make(listener)
    assert {one["id"] for one in at_spotify.library()} == {good.playlist_id, run.playlist_id}
    assert at_spotify.ids(good.playlist_id) == tracks(good)
    assert standing_id(listener) == run.playlist_id


@pytest.mark.parametrize("point", ["", "intent", "creating", "created"])
def test_one_that_was_kept_between_two_attempts_is_not_touched_either(listener, at_spotify, good, monkeypatch, point):
    client = client_of(listener)
    run = planned(listener, client, 5, first=10, playlist_id=good.playlist_id)  # the first attempt came so far
    PlaylistRun.objects.filter(pk=good.pk).update(kept=True)
    if point:
        with pytest.raises(SystemExit):
            dying_at(point, monkeypatch, run, client)
        PlaylistRun.objects.filter(pk=run.pk).update(intent_at=now() - LEASE)
        run.refresh_from_db()
    publish(run, client, now)
    assert at_spotify.ids(good.playlist_id) == tracks(good)
    assert {one["id"] for one in at_spotify.library()} == {good.playlist_id, run.playlist_id}
    assert run.playlist_id == standing_id(listener) != good.playlist_id


def test_a_new_one_that_was_begun_is_finished_though_the_old_one_is_free_again(listener, at_spotify, good, monkeypatch):
    client = client_of(listener)
    kept = PlaylistRun.objects.filter(pk=good.pk)
    kept.update(kept=True)
    run = planned(listener, client, 5, first=10)
    with pytest.raises(SystemExit):
        dying_at("id_saved", monkeypatch, run, client)
    kept.update(kept=False)
    publish(run, client, now)
    assert at_spotify.ids(good.playlist_id) == tracks(good)
    assert standing_id(listener) == run.playlist_id != good.playlist_id


def dying_at(point: str, monkeypatch, run: PlaylistRun, client) -> None:
    def die(label: str) -> None:
        if label == point:
            raise SystemExit(143)

    with monkeypatch.context() as patched:
        patched.setattr("vibe.crash.here", die)
        publish(run, client, now)


def test_it_is_found_behind_two_hundred_others(listener, at_spotify, good):
    for n in range(205):
        at_spotify.make(f"Mine {n}")
    made = at_spotify.creations()
    assert make(listener).playlist_id == good.playlist_id
    assert at_spotify.creations() == made


@pytest.mark.parametrize("others", [0, 60, 205], ids=["listed first", "on a later page", "on none that is read"])
def test_without_the_library_route_it_is_looked_for_in_the_listing(listener, at_spotify, good, others):
    for n in range(others):
        at_spotify.make(f"Mine {n}")
    at_spotify.sandbox.fault("forbidden", path="/v1/me/library/contains", reason="removed", times=None)
    assert make(listener).playlist_id == good.playlist_id


def test_without_the_library_route_an_unfollowed_one_is_missed_in_the_listing(listener, at_spotify, good):
    at_spotify.unfollow(good.playlist_id)
    at_spotify.sandbox.fault("forbidden", path="/v1/me/library/contains", reason="scope", times=None)
    assert make(listener).playlist_id != good.playlist_id


def test_a_library_route_that_denies_it_is_not_believed_alone(listener, at_spotify, good):
    """As where an owner should not count as a follower."""
    for n in range(60):
        at_spotify.make(f"Mine {n}")
    client = client_of(listener)
    run = planned(listener, client, 6)
    with RequestsMock() as web:
        web.add_passthru(at_spotify.sandbox.url)
        web.get(f"{at_spotify.sandbox.url}/v1/me/library/contains", json=[False])
        publish(run, client, now)
    assert run.playlist_id == good.playlist_id


@pytest.mark.parametrize(
    ("found", "asked", "ends"),
    [(2, 6, "too_short"), (0, 6, "too_short"), (3, 6, ""), (2, 2, ""), (3, 40, "")],
    ids=["less than half", "nothing", "half", "fewer were asked for", "half of what is there, though more was asked"],
)
def test_a_list_shorter_than_half_never_takes_a_good_ones_place(listener, at_spotify, good, found, asked, ends):
    client = client_of(listener)
    run = planned(listener, client, found, first=10, size_asked=asked)
    at_spotify.sandbox.calls(clear=True)
    if ends:
        with pytest.raises(ServiceError, match=ends) as refused:
            publish(run, client, now)
        assert refused.value.permanent
        assert at_spotify.writes() == []
        assert at_spotify.ids(good.playlist_id) == tracks(good)
    else:
        publish(run, client, now)
        assert at_spotify.ids(good.playlist_id) == [track["id"] for track in run.planned]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "empty", "path": ITEMS, "method": "GET", "times": 2},
        {"kind": "odd_rows", "path": ITEMS, "method": "GET", "times": 2},
        {"kind": "server_error", "path": ITEMS, "method": "GET", "times": 3},
        {"kind": "timeout_after_write", "mode": "drop", "path": ITEMS, "method": "PUT", "times": 3},
    ],
    ids=["reads back empty", "reads back wrong", "does not read back", "is not answered"],
)
def test_what_could_not_be_written_whole_is_undone(listener, at_spotify, good, fault):
    client = client_of(listener)
    run = planned(listener, client, 5, first=10)
    at_spotify.sandbox.fault(**fault)
    with pytest.raises(ServiceError) as refused:
        publish(run, client, now)
    assert refused.value.code == ("incomplete" if fault["kind"] in ("empty", "odd_rows") else refused.value.code)
    assert at_spotify.ids(good.playlist_id) == tracks(good)
    assert [one["id"] for one in at_spotify.library()] == [good.playlist_id]


def test_a_first_one_that_cannot_be_filled_is_taken_away_and_not_remembered(listener, at_spotify):
    client = client_of(listener)
    run = planned(listener, client, 5)
    at_spotify.sandbox.fault("empty", path=ITEMS, method="GET", times=None)
    with pytest.raises(ServiceError, match="incomplete"):
        publish(run, client, now)
    assert (at_spotify.library(), standing_id(listener), run.playlist_id) == ([], "", "")


@pytest.mark.parametrize("point", ["created", "id_saved", "filled"])
def test_a_retry_of_the_first_one_finishes_what_it_began(listener, at_spotify, monkeypatch, point):
    client = client_of(listener)
    run = planned(listener, client, 5)
    with pytest.raises(SystemExit):
        dying_at(point, monkeypatch, run, client)
    publish(PlaylistRun.objects.get(pk=run.pk), client, now)
    assert [one["id"] for one in at_spotify.library()] == [standing_id(listener)]
    assert at_spotify.ids(standing_id(listener)) == [track["id"] for track in run.planned]


def test_a_sleeper_does_not_leave_his_old_tracks_in_a_later_runs_playlist(listener, at_spotify, good):
    client = client_of(listener)
    sleeper, later = planned(listener, client, 6, first=10), None
    asked = 0

    def clock():
        """Each look at it is a check of the lease: one for the id, one before the write, one after it."""
        nonlocal asked, later
        asked += 1
        row = PlaylistRun.objects.filter(pk=sleeper.pk)
        if asked == 2:  # stopped between that check and the write, while a later run comes and goes
            row.update(status="failed")
            later = planned(listener, client, 6, first=20)
            publish(later, client, now)
            finish(later)
            row.update(status="running")
        if asked == 3:
            row.update(status="failed")
        return now()

    with pytest.raises(LostLease):
        publish(sleeper, client, clock)
    assert later is not None
    assert at_spotify.ids(good.playlist_id) == tracks(later)


def test_switching_modes_leaves_the_standing_one_alone(listener, at_spotify, good):
    User.objects.update(playlist_mode="fresh")
    listener.refresh_from_db()
    fresh = make(listener, force=True)
    assert {one["id"] for one in at_spotify.library()} == {good.playlist_id, fresh.playlist_id}
    assert at_spotify.ids(good.playlist_id) == tracks(good)
    User.objects.update(playlist_mode="standing")
    listener.refresh_from_db()
    assert make(listener, force=True).playlist_id == good.playlist_id


def test_the_usual_day_costs_four_calls(listener, at_spotify, good):
    client = client_of(listener)
    run = planned(listener, client, 6, first=10)
    at_spotify.sandbox.calls(clear=True)
    publish(run, client, now)
    calls = [(call["method"], call["path"].rpartition("/")[2]) for call in at_spotify.sandbox.calls("spotify")]
    assert calls == [("GET", "playlists"), ("PUT", "items"), ("GET", "items"), ("PUT", good.playlist_id)]
    assert not ServiceState.objects.filter(blocked_until__isnull=False).exists()
