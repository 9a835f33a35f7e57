from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import User
from playlists.models import PlaylistRun
from vibe import health
from vibe.clients.models import Heartbeat, ServiceState

TOKEN = "t0ken-" + "x" * 30
MINUTE = timedelta(minutes=1)
ALL_WELL = dict.fromkeys(("database", "migrations", "broker", "worker", "queue", "bot", "spotify"), "ok")


def test_it_answers_without_a_session_or_a_database(client):
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


def test_it_answers_head_and_refuses_the_rest(client):
    assert client.head("/health").status_code == 200
    assert client.post("/health").status_code == 405


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def working(db, settings, now) -> Iterator[None]:
    """An installation whose worker lives, asked by a process that has just started."""
    settings.INTERNAL_JOB_TOKEN = TOKEN
    Heartbeat.objects.create(name="reap", at=now)
    health._all_applied.cache_clear()
    yield
    health._all_applied.cache_clear()


def ask(client, token: str = TOKEN) -> tuple[int, dict]:
    answer = client.get("/ready", headers={"authorization": f"Bearer {token}"})
    return answer.status_code, answer.json()


def unready(**found: str) -> tuple[int, dict]:
    return 503, {"status": "not ready", "checks": ALL_WELL | found}


READY = 200, {"status": "ready", "checks": ALL_WELL}


def test_ready_says_only_that_it_is_to_anyone(working, client):
    for answer in (client.get("/ready"), client.get("/ready", headers={"authorization": "Bearer wrong"})):
        assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
        assert "no-store" in answer["Cache-Control"]
        assert not answer.cookies


def test_ready_shows_what_it_found_to_who_shows_the_token(working, client):
    assert ask(client) == READY


def test_ready_shows_nothing_to_an_empty_token_where_none_is_set(working, client, settings):
    settings.INTERNAL_JOB_TOKEN = ""
    assert ask(client, "") == (200, {"status": "ready"})


def test_ready_is_read_only(working, client):
    assert client.head("/ready").status_code == 200
    assert client.post("/ready").status_code == 405


def test_without_a_worker_it_is_not_ready(working, client, caplog):
    Heartbeat.objects.all().delete()
    assert ask(client) == unready(worker="never started; run manage.py runworker")
    assert client.get("/ready").json() == {"status": "not ready"}
    assert caplog.text == ""  # a monitor asks every few seconds


def test_a_worker_is_silent_after_five_minutes(working, client, now):
    Heartbeat.objects.update(at=now - 4 * MINUTE)
    assert ask(client) == READY
    silent = now - 6 * MINUTE
    Heartbeat.objects.update(at=silent)
    assert ask(client) == unready(worker=f"silent since {silent:%Y-%m-%dT%H:%M:%SZ}")


def test_a_bot_is_missed_only_where_it_has_to_ask_for_updates(working, client, now, settings):
    settings.TELEGRAM_BOT_TOKEN = "123456:a-token"
    settings.TELEGRAM_MODE = "webhook"
    assert ask(client) == READY
    settings.TELEGRAM_MODE = "polling"
    assert ask(client) == unready(bot="not running; run manage.py runbot")
    Heartbeat.objects.create(name="bot", at=now - 4 * MINUTE)
    assert ask(client) == READY
    silent = now - 6 * MINUTE
    Heartbeat.objects.filter(name="bot").update(at=silent)
    assert ask(client) == unready(bot=f"silent since {silent:%Y-%m-%dT%H:%M:%SZ}")


def test_with_migrations_missing_it_is_not_ready_until_they_are_applied(working, client):
    recorder = MigrationRecorder(connection)
    newest = max(name for app, name in recorder.applied_migrations() if app == "playlists")
    recorder.record_unapplied("playlists", newest)
    assert ask(client) == unready(migrations="not applied; run manage.py migrate")
    recorder.record_applied("playlists", newest)
    assert ask(client) == READY


def test_applied_migrations_are_looked_up_once(working, client):
    ask(client)
    statements: list[str] = []

    def listen(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        assert ask(client) == READY
    assert statements
    assert not any("django_migrations" in sql for sql in statements)


def test_a_database_that_fails_is_told_without_a_word_of_its_own(working, client, caplog):
    with connection.execute_wrapper(no_database):
        status, answer = ask(client)
        assert client.get("/ready").status_code == 503
    assert (status, answer["status"]) == (503, "not ready")
    assert answer["checks"] == dict.fromkeys(ALL_WELL, "not checked") | {"database": "failed"}
    assert "database failed (OperationalError)" in caplog.text
    assert "hunter2" not in caplog.text


def no_database(*_: object) -> None:
    raise OperationalError("password hunter2 is wrong")


def test_a_queue_that_takes_nothing_is_told_and_a_probe_leaves_nothing_behind(working, client):
    with connection.execute_wrapper(read_only):
        status, answer = ask(client)
    assert (status, answer["checks"]["worker"]) == (503, "ok")
    assert answer["checks"]["broker"].startswith("cannot be written")
    assert ask(client) == READY
    assert not OrmQ.objects.exists()


def read_only(execute, sql, params, many, context):
    if sql.startswith(("INSERT", "UPDATE", "DELETE")):
        raise OperationalError("attempt to write a readonly database")
    return execute(sql, params, many, context)


def test_whatever_breaks_is_no_reason_to_be_ready(working, client):
    with connection.execute_wrapper(no_service_states):
        assert ask(client) == unready(spotify="failed")


def no_service_states(execute, sql, params, many, context):
    if "servicestate" in sql:
        raise OperationalError("gone")
    return execute(sql, params, many, context)


def test_spotifys_block_is_told_and_is_no_fault_of_ours(working, client, now):
    until = now + 60 * MINUTE
    ServiceState.objects.create(service="spotify", family="search", blocked_until=until, reason="rate_limited")
    assert ask(client) == READY
    ServiceState.objects.create(service="spotify", blocked_until=until, reason="premium")
    assert ask(client) == (
        200,
        {"status": "ready", "checks": ALL_WELL | {"spotify": f"blocked until {until:%Y-%m-%dT%H:%M:%SZ} (premium)"}},
    )
    ServiceState.objects.filter(family="").update(blocked_until=now - MINUTE)
    assert ask(client) == READY


def run(user: User, created_at: datetime, **about) -> PlaylistRun:
    return PlaylistRun.objects.create(
        user=user, created_at=created_at, day=created_at.date(), size_asked=5, min_new_ratio=0.8, **about
    )


@pytest.fixture
def waiting(working, alice, now) -> PlaylistRun:
    """A run that has waited for three quarters of an hour, though `reap` rang for it again."""
    return run(alice, now - 45 * MINUTE, night=now.date(), enqueued_at=now - 2 * MINUTE)


def test_a_run_that_waits_while_nothing_moves_is_a_queue_that_stands_still(waiting, client):
    assert ask(client) == unready(queue="stands still")


@pytest.mark.parametrize(
    "about",
    [{"status": "running"}, {"status": "success"}, {"status": "failed"}, {"status": "needs_link"}],
    ids=lambda about: about["status"],
)
def test_a_long_night_that_moves_is_a_good_one(waiting, client, now, about):
    other = run(User.objects.create_user("bob"), now - 60 * MINUTE, lease_until=now - 10 * MINUTE, **about)
    assert ask(client) == READY
    PlaylistRun.objects.filter(pk=other.pk).update(lease_until=now - 14 * MINUTE)  # renewed two minutes before
    assert ask(client) == unready(queue="stands still")


def test_runs_that_are_parked_one_after_another_are_movement_too(waiting, client, now):
    parked = run(User.objects.create_user("bob"), now, started_at=now - 3 * MINUTE, not_before=now + 60 * MINUTE)
    assert ask(client) == READY
    PlaylistRun.objects.filter(pk=parked.pk).update(started_at=now - 16 * MINUTE)
    assert ask(client) == unready(queue="stands still")


@pytest.mark.parametrize(
    "change",
    [{"created_at": 25}, {"not_before": -60}, {"not_before": 5}, {"status": "success"}, {"dry_run": True}],
)
def test_what_is_new_parked_or_done_does_not_wait(waiting, client, now, change):
    moments = {name: now - value * MINUTE for name, value in change.items() if name in {"created_at", "not_before"}}
    PlaylistRun.objects.filter(pk=waiting.pk).update(**change | moments)
    assert ask(client) == READY


def test_what_was_parked_until_long_ago_waits(waiting, client, now):
    PlaylistRun.objects.filter(pk=waiting.pk).update(not_before=now - 31 * MINUTE)
    assert ask(client) == unready(queue="stands still")
