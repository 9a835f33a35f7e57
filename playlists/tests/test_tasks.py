"""What the workers carry out: a run by its id, and the clockwork beside it."""

from __future__ import annotations

import sys
import traceback
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from accounts.models import Outbox, User
from playlists import tasks
from playlists.models import PlaylistRun
from playlists.querysets import RING_AGAIN, STALE
from playlists.request import order
from playlists.states import ATTEMPTS, LEASE
from vibe.clients.models import Heartbeat


def asked(user: User, **columns) -> PlaylistRun:
    run, _ = order(user, trigger="bot", now=timezone.now(), size=5)
    PlaylistRun.objects.filter(pk=run.pk).update(**columns)
    OrmQ.objects.all().delete()
    return run


def state(run: PlaylistRun) -> tuple[str, str, int]:
    run.refresh_from_db()
    return run.status, run.error_code, run.attempts


def test_a_task_carries_its_run_out_and_a_second_one_finds_it_done(listener, sandbox):
    run = asked(listener)
    tasks.run(run.pk)
    assert state(run) == ("success", "", 1)
    tasks.run(run.pk)
    assert state(run) == ("success", "", 1)
    assert sum(call["path"] == "/v1/me/playlists" for call in sandbox.calls("spotify") if call["method"] == "POST") == 1


def test_a_run_that_is_no_longer_there_is_nobodys_error(db):
    tasks.run(4711)


def test_a_parked_run_is_left_alone_until_its_hour(listener, sandbox):
    run = asked(listener, not_before=timezone.now() + timedelta(hours=1))
    tasks.run(run.pk)
    assert state(run) == ("queued", "", 0)
    assert sandbox.calls("spotify") == []


def test_a_limit_parks_the_run_until_then_burns_no_attempt_and_tells_the_listener_once(listener, sandbox):
    sandbox.fault("rate_limit", path="/v1/me/tracks", seconds=3600, times=None)
    run = asked(listener)
    for _ in range(2):
        tasks.run(run.pk)
        assert state(run) == ("queued", "rate_limited", 0)
        PlaylistRun.objects.update(not_before=None)
    assert [message.kind for message in Outbox.objects.all()] == ["parked"]


def test_what_may_pass_is_tried_five_times_and_then_told(listener, sandbox):
    sandbox.fault("server_error", status=503, path="/v1/me/tracks", times=None)
    run = asked(listener)
    hours = []
    for attempt in range(1, ATTEMPTS + 1):
        tasks.run(run.pk)
        assert state(run)[1:] == ("unavailable", attempt)
        hours.append(run.not_before)
        PlaylistRun.objects.update(not_before=None)
        # The circuit breaker would end the experiment first.
        clear_blocks()
    assert run.status == "failed"
    assert [message.kind for message in Outbox.objects.all()] == ["failed"]


def clear_blocks() -> None:
    from vibe.clients.models import ServiceState

    ServiceState.objects.update(blocked_until=None, reason="", failures=0)


def test_what_was_planned_is_not_chosen_again_on_a_retry(listener, sandbox):
    sandbox.fault("server_error", status=503, path="/v1/me/playlists", method="POST", times=None)
    run = asked(listener)
    tasks.run(run.pk)
    assert state(run)[0] == "queued"
    planned = [track["id"] for track in run.planned]
    sandbox.clear_faults()
    sandbox.calls(clear=True)
    # A minute later: nothing of the first attempt can be under way any more.
    PlaylistRun.objects.update(not_before=None, intent_at=timezone.now() - LEASE)
    tasks.run(run.pk)
    assert state(run)[0] == "success"
    assert [track.spotify_track_id for track in run.tracks.all()] == planned
    assert run.report["sources"]
    assert not [call for call in sandbox.calls("spotify") if call["path"] in ("/v1/search", "/v1/me/tracks")]


def test_reap_revives_the_dead_and_rings_for_them(alice):
    dead = asked(alice, status="running", attempts=1, lease_until=timezone.now() - timedelta(seconds=1))
    tasks.reap()
    assert state(dead) == ("queued", "interrupted", 1)
    assert [ring.task["args"] for ring in OrmQ.objects.all()] == [(dead.pk,)]


def test_reap_leaves_the_living_alone(alice):
    alive = asked(alice, status="running", attempts=1, lease_until=timezone.now() + LEASE)
    tasks.reap()
    assert state(alive)[0] == "running"
    assert not OrmQ.objects.exists()


def test_a_run_that_keeps_killing_its_worker_is_buried_and_the_user_told(alice):
    dead = asked(alice, status="running", attempts=ATTEMPTS, lease_until=timezone.now() - timedelta(seconds=1))
    tasks.reap()
    assert state(dead) == ("failed", "worn_out", ATTEMPTS)
    assert [message.kind for message in Outbox.objects.all()] == ["failed"]
    tasks.reap()
    assert Outbox.objects.count() == 1


def test_a_lost_ring_is_repeated_but_not_within_ten_minutes(alice):
    run = asked(alice)
    tasks.reap()
    assert not OrmQ.objects.exists()
    PlaylistRun.objects.update(enqueued_at=timezone.now() - RING_AGAIN - timedelta(seconds=1))
    tasks.reap()
    tasks.reap()
    assert [ring.task["args"] for ring in OrmQ.objects.all()] == [(run.pk,)]


def test_a_parked_run_is_rung_for_when_its_hour_has_come(alice):
    run = asked(alice, enqueued_at=None, not_before=timezone.now() + timedelta(minutes=5))
    tasks.reap()
    assert not OrmQ.objects.exists()
    PlaylistRun.objects.update(not_before=timezone.now())
    tasks.reap()
    assert [ring.task["args"] for ring in OrmQ.objects.all()] == [(run.pk,)]


def test_what_waited_longer_than_any_lock_out_is_given_up(alice):
    run = asked(alice, created_at=timezone.now() - STALE - timedelta(minutes=1))
    tasks.reap()
    assert state(run)[:2] == ("failed", "stale")


def test_a_dead_dry_run_ends(alice):
    moment = timezone.now()
    dry = PlaylistRun.objects.create(
        user=alice, day=moment.date(), created_at=moment, dry_run=True, status="running", trigger="shell",
        lease_until=moment - timedelta(seconds=1), size_asked=5, min_new_ratio=0.5,
    )  # fmt: skip
    tasks.reap()
    assert state(dry)[:2] == ("failed", "interrupted")
    assert not Outbox.objects.exists()


def test_reap_shows_that_the_worker_lives(db):
    before = datetime.now(UTC)
    tasks.reap()
    assert Heartbeat.objects.get(name="reap").at >= before


def test_a_failing_task_leaves_no_text_of_its_error_in_the_queues_tables(alice, monkeypatch, caplog):
    def stumble(*_arguments: object) -> None:
        raise RuntimeError("https://example.org/?api_key=secret")

    monkeypatch.setattr("playlists.night.enqueue_due", stumble)
    with pytest.raises(tasks.TaskFailed) as failed:
        tasks.tick()
    assert "secret" not in str(failed.value)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
    assert "tick failed" in caplog.text


def test_the_clockwork_is_wound_up_by_the_migrations_in_both_queues(db):
    wound = set(Schedule.objects.values_list("func", "cluster"))
    night_only = {"listen", "prune"}  # what may last for minutes, so that a person who asks never waits behind it
    assert wound == {
        (f"playlists.tasks.{name}", queue)
        for name in ("tick", "reap", "outbox", "listen", "prune")
        for queue in (["night"] if name in night_only else ["manual", "night"])
    }
    assert all(callable(getattr(tasks, func.rpartition(".")[2])) for func, _queue in wound)


def test_two_runs_that_die_together_do_not_start_together_time_and_again(alice):
    """One of the two may be what kills the worker; the other must not be worn out with it."""
    run = asked(alice)
    moment = timezone.now()

    def starts(pk: int) -> tuple[datetime | None, ...]:
        PlaylistRun.objects.update(id=pk)
        found = []
        for attempts in range(1, ATTEMPTS):
            PlaylistRun.objects.update(status="running", attempts=attempts, lease_until=moment - LEASE)
            PlaylistRun.objects.revive(moment)
            found.append(PlaylistRun.objects.get().not_before)
        return tuple(found)

    all_starts = [starts(run.pk + n) for n in range(40)]
    assert {one[0] for one in all_starts} == {moment}  # a first death makes nobody a suspect
    assert len(set(all_starts)) > 36


def test_a_run_beside_the_users_other_one_is_rung_for_as_soon_as_that_may_have_ended(alice):
    other = asked(alice, status="running", lease_until=timezone.now() + LEASE)
    waiting, _ = order(alice, trigger="bot", now=timezone.now(), force=True)
    OrmQ.objects.all().delete()
    tasks.run(waiting.pk)
    assert state(waiting)[0] == "queued"
    PlaylistRun.objects.filter(pk=other.pk).update(status="success")
    tasks.reap()
    assert [ring.task["args"] for ring in OrmQ.objects.all()] == [(waiting.pk,)]


def test_a_time_out_leaves_no_text_of_what_it_broke_into(monkeypatch, db):
    def stumble(*_arguments: object) -> None:
        try:
            raise RuntimeError("https://example.org/?api_key=secret")
        except RuntimeError:
            sys.exit("time is up")

    monkeypatch.setattr("playlists.night.enqueue_due", stumble)
    with pytest.raises(SystemExit) as ended:
        tasks.tick()
    assert "secret" not in "".join(traceback.format_exception(ended.value))
