from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import Outbox, SpotifyAccount, User
from playlists.models import PlaylistRun, PlaylistRunTrack
from vibe.clients.models import ApiUsage, Heartbeat, ServiceState

TOKEN = "t0ken-" + "x" * 30
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def token(settings) -> None:
    settings.INTERNAL_JOB_TOKEN = TOKEN


@pytest.fixture
def now(db) -> datetime:
    return timezone.now()


def scrape(client) -> dict[tuple[str, ...], float]:
    """(name, label values in the order of their names) -> figure."""
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/plain")
    assert "no-store" in answer["Cache-Control"]
    families = list(text_string_to_metric_families(answer.content.decode()))
    assert all(family.type == "gauge" and family.documentation for family in families)
    samples = [sample for family in families for sample in family.samples]
    return {(one.name, *(one.labels[name] for name in sorted(one.labels))): one.value for one in samples}


def run(user: User, at: datetime, **about) -> PlaylistRun:
    facts = {"user": user, "created_at": at, "day": at.date(), "size_asked": 5, "min_new_ratio": 0.8}
    return PlaylistRun.objects.create(**facts | about)


def test_runs_are_counted_by_status_and_those_of_the_day_by_trigger_too(client, alice, now):
    for hours, trigger, status in ((1, "nightly", "success"), (2, "nightly", "success"), (3, "bot", "failed")):
        run(alice, now - hours * HOUR, trigger=trigger, status=status)
    run(alice, now - 25 * HOUR, trigger="nightly", status="success")
    run(alice, now, trigger="endpoint", status="failed", error_code="busy", dry_run=True)  # nobody's failure
    run(alice, now, trigger="bot", night=now.date())
    run(User.objects.create(username="bob"), now, trigger="bot", not_before=now + HOUR)
    told = scrape(client)
    kept = {key[1]: figure for key, figure in told.items() if key[0] == "vibe_runs"}
    assert kept == {"success": 3, "failed": 2, "queued": 2, "running": 0, "needs_link": 0}
    of_the_day = {key[1:]: figure for key, figure in told.items() if key[0] == "vibe_runs_last_day"}
    assert of_the_day == {("success", "nightly"): 2, ("failed", "bot"): 1, ("queued", "bot"): 2}
    assert told["vibe_runs_due",] == 1


def test_picks_are_counted_by_source(client, alice, now):
    for about in ({"at": now - HOUR}, {"at": now - 25 * HOUR}, {"at": now, "dry_run": True}):
        made = run(alice, status="success", **about)
        for place, source in enumerate(("lastfm_top_tracks", "spotify_search", "spotify_search"), 1):
            PlaylistRunTrack.objects.create(run=made, position=place, spotify_track_id=f"{place}", source=source)
    told = scrape(client)
    assert (told["vibe_picks_last_day", "lastfm_top_tracks"], told["vibe_picks_last_day", "spotify_search"]) == (1, 2)


def test_steps_are_timed(client, alice, now):
    for seconds in range(1, 102):
        run(alice, now, status="failed", finished_at=now, report={"ms": {"asking": 1000 * seconds}})
    run(alice, now, status="success", finished_at=now, report={"ms": {"writing": 250}})
    run(alice, now, status="success", finished_at=now)
    run(alice, now, status="success", finished_at=now - 25 * HOUR, report={"ms": {"writing": 9_999}})
    told = scrape(client)
    assert [told["vibe_run_step_seconds", q, "asking"] for q in ("0.5", "0.95", "1.0")] == [51, 96, 101]
    assert [told["vibe_run_step_seconds", q, "writing"] for q in ("0.5", "0.95", "1.0")] == [0.25] * 3
    assert (told["vibe_run_steps", "asking"], told["vibe_run_steps", "writing"]) == (101, 1)


def test_calls_are_told_by_outcome_beside_what_is_left_of_the_quota_and_the_blocks(client, now, settings):
    settings.SPOTIFY_DAILY_CALLS = 300
    for hours, outcome, calls in ((0, "ok", 5), (1, "ok", 2), (1, "timeout", 3), (26, "ok", 100)):
        hour = (now - hours * HOUR).replace(minute=0, second=0, microsecond=0)
        ApiUsage.objects.create(service="spotify", family="search", outcome=outcome, hour=hour, calls=calls)
    ServiceState.objects.create(service="spotify", family="search", blocked_until=now + HOUR, reason="rate_limited")
    ServiceState.objects.create(service="lastfm", blocked_until=now - HOUR)
    told = scrape(client)
    assert told["vibe_outside_calls_last_day", "search", "ok", "spotify"] == 7
    assert told["vibe_outside_calls_last_day", "search", "timeout", "spotify"] == 3
    assert (told["vibe_quota_left", "total"], told["vibe_quota_ceiling", "total"]) == (290, 300)
    assert (told["vibe_quota_left", "search"], told["vibe_quota_ceiling", "search"]) == (140, 150)
    assert 3_590 < told["vibe_service_block_seconds", "search", "spotify"] <= 3_600
    assert told["vibe_service_block_seconds", "", "lastfm"] == 0


def test_queue_users_messages_and_heartbeats(client, alice, now):
    for place, about in enumerate(({}, {"is_active": False}, {"is_bot_blocked": True}, {"is_bot_blocked": True})):
        User.objects.create(username=f"user{place}", **about)
    facts = {"expires_at": now, "authorized_at": now, "spotify_user_id": "b", "account_id": "b"}
    SpotifyAccount.objects.create(user=User.objects.get(username="user0"), pending=False, needs_reconnect=True, **facts)
    OrmQ.objects.create(key="night", payload="", lock=now)
    Outbox.objects.create(key="k", chat_id=1, kind="playlist", status="dead")
    User.objects.create_superuser("operator")
    for name, age in (("bot", 30), ("bot:vm:28573", 30), ("vm:7/manual", 500), ("vm:8/manual", 10)):
        Heartbeat.objects.create(name=name, at=now - timedelta(seconds=age))
    told = scrape(client)
    assert (told["vibe_queue_tasks", "night"], told["vibe_queue_tasks", "manual"]) == (1, 0)
    assert {key[1]: figure for key, figure in told.items() if key[0] == "vibe_users"} == {
        "linked": 1, "needs_reconnect": 1, "not_linked": 0, "blocked_the_bot": 2, "turned_away": 1,
    }  # fmt: skip
    assert (told["vibe_outbox_messages", "dead"], told["vibe_outbox_messages", "pending"]) == (1, 0)
    assert 30 <= told["vibe_heartbeat_age_seconds", "bot"] < 60
    assert 10 <= told["vibe_heartbeat_age_seconds", "manual"] < 40
    assert {key[1] for key in told if key[0] == "vibe_heartbeat_age_seconds"} == {"bot", "manual"}


def test_the_number_of_queries_does_not_grow(client, alice, now):
    with CaptureQueriesContext(connection) as empty:
        scrape(client)
    for place in range(20):
        made = run(alice, now, status="success", finished_at=now, report={"ms": {"asking": 1}})
        PlaylistRunTrack.objects.create(run=made, position=1, spotify_track_id="t", source=f"source{place}")
        Heartbeat.objects.create(name=f"group{place}/night", at=now)
        ApiUsage.objects.create(service="lastfm", family=f"family{place}", hour=now, calls=1)
    with CaptureQueriesContext(connection) as full:
        scrape(client)
    assert len(full) == len(empty) <= 15


def test_it_is_not_public(client, db, settings):
    for headers in ({}, {"authorization": "Bearer wrong"}):
        answer = client.get("/metrics", headers=headers)
        assert (answer.status_code, answer["WWW-Authenticate"], answer.content) == (401, "Bearer", b"")
    assert client.post("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 405
    settings.INTERNAL_JOB_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_a_database_that_fails_is_told_without_its_words(client, db, caplog):
    with connection.execute_wrapper(no_database):
        answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.content) == (503, b"")
    assert "hunter2" not in caplog.text


def no_database(*_: object) -> None:
    raise OperationalError("password hunter2 is wrong")
