from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from vibe.throttle import throttled, wait

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def waits(times: int, at: datetime = NOW, key: str = "door:1") -> list[float]:
    return [wait(key, 6, MINUTE, at).total_seconds() for _ in range(times)]


def test_so_many_may_come_at_once_and_then_one_whenever_a_token_drops():
    assert waits(7) == [0] * 6 + [10]
    assert waits(1, NOW + timedelta(seconds=9)) == [1]
    assert waits(2, NOW + timedelta(seconds=10)) == [0, 10]
    assert waits(7, NOW + 2 * MINUTE) == [0] * 6 + [10]


def test_who_keeps_knocking_in_vain_is_not_kept_out_for_longer():
    waits(500)
    assert waits(1, NOW + timedelta(seconds=10)) == [0]


def test_doors_and_visitors_do_not_share_a_bucket():
    waits(7)
    assert waits(1, key="door:2") == waits(1, key="window:1") == [0]


def test_a_cache_that_is_away_locks_nobody_out(settings, caplog):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert waits(8) == [0] * 8
    assert "the cache cannot be used (ConnectionError)" in caplog.text


@throttled("test", 2, MINUTE)
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("come in")


@throttled("test", 2, MINUTE, as_json=True)
def endpoint(request: HttpRequest) -> HttpResponse:
    return HttpResponse("come in")


def test_a_program_is_told_in_json_and_a_header_when_to_come_again(settings):
    settings.HTTPS = False
    answers = [endpoint(RequestFactory().get("/")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2]["Retry-After"]) <= 30
    assert "too_many_requests" in answers[2].content.decode()
    assert endpoint(RequestFactory().get("/", REMOTE_ADDR="10.9.9.9")).status_code == 200


@pytest.mark.parametrize("https", [False, True])
def test_a_person_is_told_on_a_page(settings, https):
    settings.HTTPS = https
    forged = [RequestFactory().get("/", headers={"x-forwarded-for": f"203.0.113.{n}, 10.0.0.1"}) for n in range(3)]
    answers = [page(request) for request in forged]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"]
    assert "no-store" in answers[2]["Cache-Control"]
