"""Old playlists of ours leave the library; anybody else's, and ours that somebody changed or wants, never."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from playlists.models import PlaylistRun
from playlists.publish import publish
from playlists.states import LostLease
from playlists.tests.at_spotify import AtSpotify, client_of, finish, make, now, planned, tracks
from playlists.tidy import tidy

pytestmark = pytest.mark.usefixtures("warm")

OLD = timedelta(days=15)


@pytest.fixture
def at_spotify(sandbox) -> AtSpotify:
    return AtSpotify(sandbox)


@pytest.fixture
def client(listener, at_spotify):
    return client_of(listener)


def published(user: User, client, age: timedelta = OLD, size: int = 3, **columns: Any) -> PlaylistRun:
    """A good run of so long ago."""
    run = planned(user, client, size, **columns)
    publish(run, client, now)
    finish(run)
    PlaylistRun.objects.filter(pk=run.pk).update(finished_at=now() - age, created_at=now() - age)
    return run


def current(user: User, client, **columns: Any) -> PlaylistRun:
    """A run that has just been published."""
    run = planned(user, client, 3, **columns)
    publish(run, client, now)
    return run


def followed(at_spotify: AtSpotify) -> set[str]:
    return {one["id"] for one in at_spotify.library()}


def fresh(run: PlaylistRun) -> PlaylistRun:
    return PlaylistRun.objects.get(pk=run.pk)


def test_old_untouched_lists_leave_the_library_and_young_ones_stay(listener, at_spotify, client):
    old = published(listener, client)
    young = published(listener, client, age=timedelta(days=13))
    run = current(listener, client)
    assert tidy(run, client, now)["unfollowed"] == 1
    assert followed(at_spotify) == {young.playlist_id, run.playlist_id}
    assert fresh(old).tidied_at is not None
    assert at_spotify.ids(old.playlist_id) == tracks(old)
    at_spotify.sandbox.calls(clear=True)
    assert tidy(run, client, now)["looked"] == 0
    assert at_spotify.sandbox.calls("spotify") == []


@pytest.mark.parametrize("by", ["name", "description", "tracks", "order"])
def test_a_list_that_somebody_changed_is_kept_and_not_looked_at_again(listener, at_spotify, client, by):
    old = published(listener, client)
    match by:
        case "name":
            at_spotify.change(old.playlist_id, name="Road trip")
        case "description":
            at_spotify.change(old.playlist_id, description="my favourites")
        case "tracks":
            at_spotify.remove(old.playlist_id, tracks(old)[1])
        case "order":
            client.replace_items(old.playlist_id, [f"spotify:track:{key}" for key in reversed(tracks(old))])
    run = current(listener, client)
    done = tidy(run, client, now)
    assert (done["kept"], done["unfollowed"], fresh(old).kept) == (1, 0, True)
    assert old.playlist_id in followed(at_spotify)
    assert tidy(run, client, now)["looked"] == 0


def test_what_is_not_an_old_list_of_a_day_of_this_listener_is_not_even_looked_at(listener, at_spotify, client):
    kept = published(listener, client, kept=True)
    tidied = published(listener, client, tidied_at=now())
    standing = published(listener, client, mode="standing")
    listener.spotify_accounts.update(standing_playlist_id="a later one")
    dry = published(listener, client, dry_run=True)
    failed = published(listener, client)
    PlaylistRun.objects.filter(pk=failed.pk).update(status="failed")
    foreign = published(listener, client)
    PlaylistRun.objects.filter(pk=foreign.pk).update(user=User.objects.create_user("bob"))
    foreign_list = at_spotify.make("Somebody's", "ref 0123456789")
    latest = published(listener, client)
    listener.refresh_from_db()
    assert listener.latest_playlist_id == latest.playlist_id
    run = current(listener, client)
    assert tidy(run, client, now)["looked"] == 0
    rows = (kept, tidied, standing, dry, failed, foreign, latest, run)
    assert followed(at_spotify) == {row.playlist_id for row in rows} | {foreign_list}


def test_what_the_listener_has_unfollowed_himself_is_done_with(listener, at_spotify, client):
    old = published(listener, client)
    at_spotify.unfollow(old.playlist_id)
    tidy(current(listener, client), client, now)
    assert fresh(old).tidied_at is not None


def test_what_spotify_no_longer_knows_is_done_with(listener, at_spotify, client):
    old = published(listener, client)
    at_spotify.sandbox.fault("not_found", path=f"/v1/playlists/{old.playlist_id}$", method="GET")
    done = tidy(current(listener, client), client, now)
    assert (done["gone"], done["unfollowed"]) == (1, 0)
    assert fresh(old).tidied_at is not None


def test_a_list_of_an_account_that_was_linked_before_is_left_alone(listener, at_spotify, client):
    old = published(listener, client)
    at_spotify.sandbox.fault("forbidden", path=f"/v1/playlists/{old.playlist_id}/items", method="GET", reason="removed")
    done = tidy(current(listener, client), client, now)
    assert (done["kept"], done["error"]) == (1, "")
    assert old.playlist_id in followed(at_spotify)


def test_three_a_run_the_oldest_first_at_three_calls_each(listener, at_spotify, client):
    old = [published(listener, client, age=timedelta(days=age)) for age in (20, 24, 22, 26)]
    run = current(listener, client)
    at_spotify.sandbox.calls(clear=True)
    assert tidy(run, client, now)["unfollowed"] == 3
    assert followed(at_spotify) == {old[0].playlist_id, run.playlist_id}
    assert len(at_spotify.sandbox.calls("spotify")) == 9


def test_never_where_it_is_switched_off(listener, at_spotify, client, settings):
    settings.TIDY_AFTER_DAYS = 0
    published(listener, client)
    assert tidy(current(listener, client), client, now)["looked"] == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "server_error", "path": "/v1/playlists/[^/]+$", "method": "GET"},
        {"kind": "server_error", "path": "/v1/me/library", "method": "DELETE"},
        {"kind": "quota", "path": "/v1/playlists/[^/]+/items", "method": "GET"},
    ],
    ids=["looking", "unfollowing", "quota"],
)
def test_an_error_ends_tidying_and_not_the_run(listener, at_spotify, client, fault):
    old = [published(listener, client), published(listener, client)]
    run = current(listener, client)
    at_spotify.sandbox.fault(**fault, times=None)
    done = tidy(run, client, now)
    assert (done["looked"], done["unfollowed"], bool(done["error"])) == (1, 0, True)
    at_spotify.sandbox.clear_faults()
    assert [fresh(row).tidied_at for row in old] == [None, None]
    assert tidy(run, client_of(listener), now)["unfollowed"] == 2


def test_a_list_kept_at_the_last_moment_stays(listener, at_spotify, client):
    old = published(listener, client)
    run = current(listener, client)
    asked = 0

    def clock():
        """Asked for the doubles, the age, the lease, and then once more: the rows were read before that."""
        nonlocal asked
        asked += 1
        if asked == 4:
            PlaylistRun.objects.filter(pk=old.pk).update(kept=True)
        return now()

    assert tidy(run, client, clock)["kept"] == 1
    assert asked == 4
    assert old.playlist_id in followed(at_spotify)
    assert fresh(old).tidied_at is None


def test_a_run_that_was_taken_over_tidies_nothing_more(listener, at_spotify, client):
    old = published(listener, client)
    run = current(listener, client)
    PlaylistRun.objects.filter(pk=run.pk).update(lease_token="theirs")
    with pytest.raises(LostLease):
        tidy(run, client, now)
    assert old.playlist_id in followed(at_spotify)


def test_a_double_of_a_run_that_was_taken_over_is_found_by_its_marker(listener, at_spotify, client):
    run = current(listener, client, attempts=2)
    double = at_spotify.make("Daily Vibe", f"Picked for you · ref {run.marker}")
    foreign = at_spotify.make("Daily Vibe", "Picked for you · ref 0123456789")
    assert tidy(run, client, now)["doubles"] == 1
    assert followed(at_spotify) == {run.playlist_id, foreign}
    assert double not in followed(at_spotify)


def test_a_double_goes_only_while_it_holds_exactly_what_its_run_chose(listener, at_spotify, client):
    run = current(listener, client, attempts=2)
    ours = [f"spotify:track:{track['id']}" for track in run.planned]
    same, changed = (at_spotify.make("Daily Vibe", f"ref {run.marker}") for _ in range(2))
    client.replace_items(same, ours)
    client.replace_items(changed, ours[:-1])
    assert tidy(run, client, now)["doubles"] == 1
    assert followed(at_spotify) == {run.playlist_id, changed}


@pytest.mark.parametrize(("status", "left"), [("failed", 0), ("queued", 1)])
def test_what_a_waiting_run_may_still_adopt_is_no_double(listener, at_spotify, client, status, left):
    night = now().date() - timedelta(days=1)
    other = planned(listener, client, 3, attempts=2, status=status, intent_at=now(), night=night)
    made = at_spotify.make("Daily Vibe", f"ref {other.marker}")
    run = current(listener, client)
    assert tidy(run, client, now)["doubles"] == 1 - left
    assert (made in followed(at_spotify)) is bool(left)


def test_doubles_are_not_looked_for_where_nothing_was_taken_over(listener, at_spotify, client):
    run = current(listener, client)
    at_spotify.sandbox.calls(clear=True)
    tidy(run, client, now)
    assert at_spotify.sandbox.calls("spotify") == []


def test_a_list_that_a_later_run_refills_is_no_double_of_its_maker(listener, at_spotify, client):
    User.objects.update(playlist_mode="standing")
    listener.refresh_from_db()
    maker = published(listener, client, age=timedelta(hours=20), attempts=2)
    PlaylistRun.objects.filter(pk=maker.pk).update(playlist_id="elsewhere")
    run = current(listener, client, attempts=2)
    assert tidy(run, client, now)["doubles"] == 0
    assert followed(at_spotify) == {maker.playlist_id} == {run.playlist_id}


def test_the_job_tidies_after_its_playlist_is_there(listener, at_spotify, client):
    old = published(listener, client)
    User.objects.update(latest_playlist_id="")
    run = make(User.objects.get(pk=listener.pk))
    assert followed(at_spotify) == {run.playlist_id}
    assert run.report["tidied"]["unfollowed"] == 1
    assert fresh(old).tidied_at is not None
