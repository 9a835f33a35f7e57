"""One pace for all processes: start times are told by the fakes' clocks, which only sleeping moves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, connections

from vibe.clients import limiter
from vibe.clients.errors import RateLimited
from vibe.clients.meter import Meter
from vibe.clients.models import ServiceState
from vibe.clients.tests.conftest import NOW, Time
from vibe.tests.databases import migrated

pytestmark = pytest.mark.django_db
GAP = {"spotify": 0.5}
PROCESS = """
import json, sys
import django
django.setup()
from vibe.clients.tests.conftest import Time
from vibe.clients.tests.test_permits import shared, starts
meter = shared(Time())
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps(starts(meter, 50)))
"""


def shared(time: Time, gaps: dict[str, float] = GAP) -> Meter:
    meter = Meter(time.clock, gaps, sleep=time.sleep, monotonic=time.monotonic)
    meter.book = limiter.reserve
    return meter


def starts(meter: Meter, calls: int, service: str = "spotify") -> list[float]:
    begun = []
    for _ in range(calls):
        with meter.call(service, "search"):
            begun.append(round(meter.monotonic(), 3))
    return begun


def in_threads(count: int, one: Callable[[], list[float]]) -> list[float]:
    def closing() -> list[float]:
        try:
            return one()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return [start for done in [pool.submit(closing) for _ in range(count)] for start in done.result()]


def next_free(service: str = "spotify") -> timedelta | None:
    at = ServiceState.objects.get(service=service, family="").permits_at
    return at - NOW if at else None


def test_two_runs_take_turns(time):
    one, other = shared(Time()), shared(Time())
    assert [starts(meter, 1)[0] for meter in (one, other, one, other)] == [0, 0.5, 1, 1.5]


@pytest.mark.django_db(transaction=True)
def test_two_hundred_calls_of_eight_processes_at_once_never_share_a_start():
    together = threading.Barrier(8)

    def one() -> list[float]:
        meter = shared(Time())
        together.wait(30)
        return starts(meter, 25)

    assert sorted(in_threads(8, one)) == [0.5 * n for n in range(200)]


@pytest.fixture
def same_database(tmp_path, transactional_db) -> dict[str, str]:
    """The test's own for a server's, a file for SQLite's, whose memory no other process sees."""
    if connection.vendor == "postgresql":
        its = connection.settings_dict
        where = f"{its['USER']}:{its['PASSWORD']}@{its['HOST']}:{its['PORT']}/{its['NAME']}"
        return os.environ | {"DATABASE_URL": f"postgres://{where}"}
    return os.environ | {"DATABASE_URL": "", "DB_PATH": str(migrated(tmp_path / "db.sqlite3"))}


def process(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS],
        env=environment,
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_real_processes_keep_one_pace(same_database):
    both = [process(same_database) for _ in range(2)]
    for one in both:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    answers = [one.communicate("go\n", timeout=60)[0] for one in both]
    assert sorted(start for answer in answers for start in json.loads(answer)) == [0.5 * n for n in range(100)]


def test_a_block_of_permits_serves_the_threads_of_a_run(time):
    meter = shared(time)
    meter.reserve("spotify", 3)
    assert next_free() == timedelta(seconds=1.5)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(starts, meter, 3).result() == [0, 0.5, 1]


def test_a_thread_without_a_permit_paces_itself_after_the_last_one(time):
    meter = shared(time)
    meter.reserve("spotify", 1)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(starts, meter, 3).result() == [0, 0.5, 1]
    assert next_free() == timedelta(seconds=0.5)


def test_a_permit_whose_time_has_passed_starts_at_once(time):
    meter = shared(time)
    meter.reserve("spotify", 1)
    time.now += timedelta(seconds=60)
    assert starts(meter, 1) == [60]
    assert time.slept == []


def test_permits_that_were_not_used_in_time_are_not_used_all_at_once(time):
    meter = shared(time)
    meter.reserve("spotify", 3)
    time.now += timedelta(seconds=60)
    assert starts(meter, 3) == [60, 60.5, 61]


def test_a_service_that_rested_gives_no_more_than_one_call_at_once(time):
    starts(shared(time), 1)
    time.now += timedelta(hours=1)
    assert starts(shared(Time(time.now)), 2) == [3600, 3600.5]


def test_what_is_not_paced_asks_the_database_nothing(time, django_assert_num_queries):
    meter = shared(time, {"spotify": 0.0})
    with django_assert_num_queries(0):
        meter.reserve("spotify", 8)
        starts(meter, 8)
        limiter.reserve(meter, "spotify", 8)


def test_a_run_that_would_wait_two_minutes_is_sent_away_until_then(time):
    ServiceState.objects.create(service="spotify", permits_at=NOW + timedelta(seconds=121))
    with pytest.raises(RateLimited) as refused:
        starts(shared(time), 1)
    assert (refused.value.code, refused.value.until) == ("rate_limited", NOW + timedelta(seconds=121))
    assert next_free() == timedelta(seconds=121)


def test_a_queue_is_no_limit_of_the_service_and_is_not_told_to_others(time):
    ServiceState.objects.create(service="spotify", permits_at=NOW + timedelta(seconds=121))
    meter = shared(time)
    with pytest.raises(RateLimited):
        starts(meter, 1)
    limiter.store(meter)
    assert ServiceState.objects.get().blocked_until is None


def test_a_clock_that_was_wrong_by_a_day_stops_nobody(time):
    ServiceState.objects.create(service="spotify", permits_at=NOW + timedelta(days=1))
    assert starts(shared(time), 2) == [0, 0.5]


def test_nothing_is_reserved_of_a_service_that_is_blocked(time):
    meter = shared(time)
    meter.block(RateLimited("spotify", NOW + timedelta(minutes=1)))
    meter.reserve("spotify", 8)
    with pytest.raises(RateLimited):
        starts(meter, 1)
    assert not ServiceState.objects.exists()


def test_after_a_rate_limit_everybody_goes_at_half_the_pace_for_five_minutes(time):
    ServiceState.objects.create(service="spotify", blocked_until=NOW, reason="rate_limited")
    assert starts(shared(time), 3) == [0, 1, 2]
    time.now = NOW + timedelta(minutes=5)
    assert starts(shared(time), 3) == [300, 300.5, 301]


def test_a_long_wait_lets_the_run_show_that_it_lives(time):
    ServiceState.objects.create(service="spotify", permits_at=NOW + timedelta(seconds=5))
    meter, alive = shared(time), []
    meter.idle = lambda: alive.append(time.monotonic())
    assert starts(meter, 1) == [5]
    assert alive == [2, 4, 5]
    assert meter.milliseconds["spotify", "search"] == 0


def test_a_meter_opened_for_a_run_reserves_and_knows_the_blocks(time):
    until = NOW + timedelta(minutes=1)
    ServiceState.objects.create(service="lastfm", blocked_until=until, reason="service_down")
    meter = limiter.opened(time.clock, GAP)
    meter.reserve("spotify", 4)
    assert next_free() == timedelta(seconds=2)
    with pytest.raises(RateLimited) as refused:
        meter.refuse_blocked("lastfm")
    assert refused.value.code == "service_down"
