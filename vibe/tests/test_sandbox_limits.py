"""The sandbox's own rate limit and quotas, and the crowd for load tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibe.sandbox.limits import DAY, TOTAL, WINDOW, Limits
from vibe.sandbox.state import CALLS_KEPT
from vibe.tests.sandbox_local import Local, message
from vibe.tests.sandbox_process import CLIENT, Sandbox, small_world

START = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def local() -> Local:
    local = Local()
    local.link()
    return local


def limit(local: Local, **limits) -> None:
    assert local.http.post("/_sandbox/limits", json=limits).status_code == 200


def test_there_is_no_limit_unless_one_is_set(local):
    for _ in range(50):
        local.get("me")
    assert local.http.get("/_sandbox/limits").get_json() == {"rate": 0, "daily": {}, "answered": 50, "refused": {}}


def test_calls_over_the_rate_are_refused_for_every_listener_of_the_app(local):
    limit(local, rate=3)
    for path in ("me", "me/tracks", "me"):
        local.get(path)
    local.link("boris")
    refused = local.call("GET", "me")
    assert message(refused) == (429, "API rate limit exceeded")
    assert 29 <= int(refused.headers["Retry-After"]) <= 30
    assert local.http.get("/_sandbox/limits").get_json()["refused"] == {"rate": 1}


def test_a_quota_refuses_its_family_for_hours_and_leaves_the_others(local):
    limit(local, daily={"library": 2})
    local.get("me/tracks")
    local.later(hours=3)
    local.link()
    local.get("me/tracks")
    refused = local.call("GET", "me/tracks")
    assert refused.get_json()["error"] == {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}
    assert refused.headers["Retry-After"] == str(21 * 3600)
    local.get("me")
    local.later(hours=21)
    local.link()
    local.get("me/tracks")
    assert local.call("GET", "me/tracks").status_code == 429


def test_a_number_is_the_quota_of_each_family_and_total_that_of_all(local):
    limit(local, daily=1)
    local.get("me")
    local.get("me/tracks")
    assert local.call("GET", "me").status_code == 429
    limit(local, daily={TOTAL: 2})
    local.get("me")
    local.get("me/tracks")
    assert local.call("GET", "me/top/tracks").status_code == 429


def test_an_app_with_extended_quota_has_a_rate_limit_only():
    local = Local(extended=True)
    local.link()
    limit(local, rate=3, daily=1)
    for _ in range(3):
        local.get("me")
    assert message(local.call("GET", "me")) == (429, "API rate limit exceeded")


def test_a_stranger_costs_the_app_nothing(local):
    limit(local, daily=1)
    local.headers = {"Authorization": "Bearer nonsense"}
    assert local.call("GET", "me").status_code == 401
    local.link()
    local.get("me")


@pytest.mark.parametrize(
    "body", [{"rate": -1}, {"rate": "3"}, {"daily": {"serch": 1}}, {"daily": {"search": -1}}, {"daily": True}, [1]]
)
def test_limits_that_make_no_sense_are_refused_and_change_nothing(local, body):
    limit(local, rate=7)
    answer = local.http.post("/_sandbox/limits", json=body)
    assert (answer.status_code, list(answer.get_json())) == (400, ["error"])
    assert local.http.get("/_sandbox/limits").get_json()["rate"] == 7


@given(
    st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["search", "me"])), max_size=60),
    st.integers(1, 5),
    st.integers(1, 8),
)
def test_no_window_ever_holds_more_than_its_limit(steps, rate, daily):
    elapsed = 0.0
    limits = Limits(lambda: elapsed)
    limits.set(rate, {"search": daily})
    passed: list[tuple[float, str]] = []
    for wait, family in steps:
        elapsed += wait
        # An hour of the clock for each real second, so that both windows move.
        over = limits.take(family, START + timedelta(hours=elapsed), has_quota=True)
        lately = [at for at, _ in passed if at > elapsed - WINDOW]
        today = [at for at, one in passed if one == family == "search" and at > elapsed - DAY / timedelta(hours=1)]
        full = len(lately) >= rate or len(today) >= daily
        assert (over is not None) == full
        if over is None:
            passed.append((elapsed, family))


def test_a_refused_call_may_pass_as_soon_as_it_was_told():
    elapsed = 0.0
    limits = Limits(lambda: elapsed)
    limits.set(2, {})
    assert limits.take("me", START, has_quota=True) is None
    elapsed = 12.5
    assert limits.take("me", START, has_quota=True) is None
    over = limits.take("me", START, has_quota=True)
    assert over is not None
    assert over.seconds == 18
    elapsed += over.seconds
    assert limits.take("me", START, has_quota=True) is None


def test_a_crowd_has_another_listeners_taste_and_playlists_of_its_own(local):
    made = local.http.post("/_sandbox/listeners", json={"count": 3, "like": "anna"}).get_json()
    assert made == {"listeners": ["load0001", "load0002", "load0003"]}
    annas = local.get("me/tracks", limit=50)["items"]
    for name in ("load0001", "load0003"):
        local.link(name)
        assert local.get("me/tracks", limit=50)["items"] == annas
        assert local.get("me/playlists")["total"] == 0
        local.playlist()
    local.call("DELETE", "me/library", uris=annas[0]["track"]["uri"])
    local.link("load0002")
    assert local.get("me/tracks", limit=50)["items"] == annas
    more = local.http.post("/_sandbox/listeners", json={"count": 1, "like": "load0001"}).get_json()
    assert more == {"listeners": ["load0004"]}


def test_a_crowd_is_linked_at_one_call_for_as_long_as_a_test_takes(local):
    local.http.post("/_sandbox/listeners", json={"count": 2, "like": "anna"})
    asked = {"listeners": ["load0001", "load0002"], "client_id": CLIENT[0], "days": 7}
    tokens = local.http.post("/_sandbox/tokens", json=asked).get_json()
    local.later(days=6, hours=23)
    for name, one in tokens.items():
        local.headers = {"Authorization": f"Bearer {one['access_token']}"}
        assert local.get("me")["account_id"] == one["account_id"]
        assert local.get("me")["id"] == name
        assert local.token(grant_type="refresh_token", refresh_token=one["refresh_token"]).status_code == 200
    local.later(hours=2)
    assert local.call("GET", "me").status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("listeners", {"count": 1, "like": "zoe"}),
        ("listeners", {"count": -1, "like": "anna"}),
        ("listeners", {"like": "anna"}),
        ("tokens", {"listeners": ["anna"]}),
        ("tokens", {"listeners": ["zoe"], "client_id": "c"}),
        ("tokens", {"listeners": "anna", "client_id": "c"}),
        ("tokens", {"listeners": [["anna"]], "client_id": "c"}),
        ("tokens", {"listeners": ["anna"], "client_id": "c", "days": "1"}),
    ],
)
def test_a_crowd_that_makes_no_sense_is_refused(local, path, body):
    answer = local.http.post(f"/_sandbox/{path}", json=body)
    assert (answer.status_code, list(answer.get_json())) == (400, ["error"])


def test_the_list_of_calls_keeps_the_newest_and_no_more(local):
    local.sandbox.calls.extend({"path": "old"} for _ in range(CALLS_KEPT))
    local.get("me")
    assert len(local.sandbox.calls) == CALLS_KEPT
    assert local.http.get("/_sandbox/calls?clear=1").get_json()[-1]["path"] == "/v1/me"
    assert not local.sandbox.calls


def test_a_process_takes_its_limits_from_the_command_line_and_over_http():
    with Sandbox(small_world(), rate=5, daily=4) as sandbox:
        assert sandbox.limits() == {"rate": 5, "daily": {"*": 4}, "answered": 0, "refused": {}}
        assert sandbox.crowd(2, like="boris").keys() == {"load0001", "load0002"}
        sandbox.limit(daily={"search": 9})
        assert sandbox.limits()["daily"] == {"search": 9}
