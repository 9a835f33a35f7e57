from __future__ import annotations

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import requests
import spotipy

from vibe.clients.errors import NotAllowed, QuotaExceeded, RateLimited, ServiceError, not_before
from vibe.clients.http import (
    BACKOFF,
    DEADLINE,
    LARGEST,
    MENDING,
    OPTIONAL_TIMEOUT,
    USER_AGENT,
    Refused,
    ask,
    blocked_until,
    fetched,
    session,
    told_date,
)
from vibe.clients.meter import Meter
from vibe.clients.spotify import SpotifyClient
from vibe.clients.tests.conftest import NOW
from vibe.clients.tests.server import Answer, serving

URL = "https://api.example/thing"


def failing(*failures: ServiceError | None):
    """A call that meets `failures` one after the other, then answers."""
    left = list(failures)

    def send() -> str:
        failure = left.pop(0) if left else None
        if failure:
            raise failure
        return "answer"

    return send


def limited(seconds: float) -> RateLimited:
    return RateLimited("spotify", NOW + timedelta(seconds=seconds))


def test_calls_of_a_service_start_a_gap_apart(time):
    meter = Meter(time.clock, {"spotify": 0.3}, sleep=time.sleep, monotonic=time.monotonic)
    for _ in range(3):
        with meter.call("spotify", "search"):
            pass
    with meter.call("lastfm", "top_tracks"):
        pass
    assert time.slept == [0.3, 0.3]


def test_eight_threads_share_one_pacing_and_lose_no_count():
    slept: list[float] = []
    meter = Meter(lambda: NOW, {"spotify": 0.25}, sleep=slept.append, monotonic=lambda: 0.0)

    def call(_: int) -> None:
        with meter.call("spotify", "search"):
            pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(200)))
    assert meter.calls == {("spotify", "search"): 200}
    assert sorted(slept) == [0.25 * n for n in range(1, 200)]


def test_the_gaps_come_from_the_settings(settings):
    settings.SPOTIFY_CALL_GAP_MS, settings.LASTFM_CALL_GAP_MS, settings.TELEGRAM_CALL_GAP_MS = 300, 250, 50
    gaps = Meter(lambda: NOW).gaps
    assert {name: gaps[name] for name in ("spotify", "lastfm", "telegram")} == {
        "spotify": 0.3,
        "lastfm": 0.25,
        "telegram": 0.05,
    }


def test_two_hosts_of_one_owner_keep_the_same_pace(settings):
    settings.LISTENBRAINZ_CALL_GAP_MS = 400
    gaps = Meter(lambda: NOW).gaps
    assert gaps["listenbrainz"] == gaps["listenbrainz_labs"] == 0.4


def test_a_call_is_counted_and_timed_even_when_it_fails(time, meter):
    def slow() -> None:
        time.sleep(0.12)
        raise ServiceError("spotify", "gone")

    with pytest.raises(ServiceError):
        ask(meter, "spotify", "me", slow, repeatable=True)
    assert meter.calls["spotify", "me"] == meter.outcomes["spotify", "me", "gone"] == 1
    assert meter.milliseconds["spotify", "me"] == 120


def test_a_rate_limit_blocks_the_whole_service_until_its_end(time, meter):
    meter.block(limited(60), "search")
    with pytest.raises(RateLimited) as refused, meter.call("spotify", "me"):
        pytest.fail("went out")
    assert refused.value.until == NOW + timedelta(seconds=60)
    assert not meter.calls
    with meter.call("lastfm", "top_tracks"):
        pass
    time.now += timedelta(seconds=60)
    with meter.call("spotify", "me"):
        pass


def test_a_quota_blocks_only_its_family(meter):
    meter.block(QuotaExceeded("spotify", NOW + timedelta(hours=20)), "artist_albums")
    with pytest.raises(QuotaExceeded), meter.call("spotify", "artist_albums"):
        pytest.fail("went out")
    with meter.call("spotify", "search"):
        pass


@pytest.mark.parametrize("code", ["rate_limited", "service_down", "premium", "bad_credentials"])
def test_whoever_is_stopped_by_a_block_is_told_what_it_is_for(meter, code):
    meter.block(not_before("spotify", NOW + timedelta(seconds=60), code), "search")
    for family in ("search", "me"):
        with pytest.raises(RateLimited) as refused:
            meter.refuse_blocked("spotify", family)
        assert (refused.value.code, refused.value.until) == (code, NOW + timedelta(seconds=60))
    meter.refuse_blocked("lastfm")


def test_a_fault_of_the_installation_stops_all_threads_of_the_run_at_once(meter):
    with pytest.raises(RateLimited) as refused:
        ask(meter, "spotify", "me", failing(NotAllowed("spotify", "premium")), repeatable=True)
    assert (refused.value.code, refused.value.until) == ("premium", NOW + MENDING)
    with pytest.raises(RateLimited), meter.call("spotify", "search"):
        pytest.fail("went out")


@pytest.mark.parametrize("kind", ["not_registered", "scope"])
def test_what_only_one_listener_may_not_do_stops_nobody_else(meter, kind):
    with pytest.raises(NotAllowed):
        ask(meter, "spotify", "me", failing(NotAllowed("spotify", kind)), repeatable=True)
    assert not meter.blocks


def test_a_meter_that_nobody_shares_with_reserves_nothing_and_paces_itself(time):
    meter = Meter(time.clock, {"spotify": 0.3}, sleep=time.sleep, monotonic=time.monotonic)
    meter.reserve("spotify", 8)
    for _ in range(2):
        with meter.call("spotify", "search"):
            pass
    assert time.slept == [0.3]


def test_a_block_is_never_shortened(meter):
    meter.block(limited(600))
    meter.block(limited(30))
    assert meter.blocks["spotify", ""].until == NOW + timedelta(seconds=600)


def test_a_thread_that_waited_for_its_turn_sees_a_block_met_meanwhile(time):
    def sleep(seconds: float) -> None:
        meter.block(limited(60))

    meter = Meter(time.clock, {"spotify": 0.3}, sleep=sleep, monotonic=time.monotonic)
    with meter.call("spotify", "search"):
        pass
    with pytest.raises(RateLimited), meter.call("spotify", "search"):
        pytest.fail("went out")
    assert meter.calls["spotify", "search"] == 1


def test_a_passing_failure_is_repeated_twice_at_most(time, meter):
    send = failing(*[ServiceError("spotify", "unavailable")] * 3)
    with pytest.raises(ServiceError):
        ask(meter, "spotify", "me", send, repeatable=True)
    assert time.slept == list(BACKOFF)
    assert meter.calls["spotify", "me"] == meter.outcomes["spotify", "me", "unavailable"] == 3


def test_a_write_that_may_have_been_applied_is_never_repeated(meter):
    with pytest.raises(ServiceError):
        ask(meter, "spotify", "playlist_write", failing(ServiceError("spotify", "timeout")), repeatable=False)
    assert meter.calls["spotify", "playlist_write"] == 1


def test_a_permanent_failure_is_never_repeated(meter):
    with pytest.raises(ServiceError):
        ask(meter, "spotify", "me", failing(ServiceError("spotify", "bad_request", permanent=True)), repeatable=True)
    assert meter.calls["spotify", "me"] == 1


def test_no_repeat_begins_after_the_deadline(time, meter):
    def slow() -> str:
        time.sleep(DEADLINE + 1)
        raise ServiceError("spotify", "timeout")

    with pytest.raises(ServiceError):
        ask(meter, "spotify", "me", slow, repeatable=True)
    assert meter.calls["spotify", "me"] == 1


def test_an_optional_service_that_was_silent_is_not_asked_again_but_one_in_trouble_is(time, meter):
    def silent() -> str:
        time.sleep(OPTIONAL_TIMEOUT[1])
        raise ServiceError("deezer", "timeout")

    with pytest.raises(ServiceError, match="timeout"):
        ask(meter, "deezer", "related", silent, repeatable=True)
    assert meter.calls["deezer", "related"] == 1
    assert ask(meter, "deezer", "top", failing(ServiceError("deezer", "unavailable")), repeatable=True) == "answer"


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_short_429_is_waited_out_once_whatever_the_verb(time, meter, repeatable):
    assert ask(meter, "spotify", "playlist_write", failing(limited(3)), repeatable=repeatable) == "answer"
    assert time.slept == [3.0]
    assert not meter.blocks


def test_a_second_429_blocks_the_service(time, meter):
    with pytest.raises(RateLimited):
        ask(meter, "spotify", "search", failing(limited(2), limited(5)), repeatable=True)
    assert time.slept == [2.0]
    assert meter.blocks["spotify", ""].until == NOW + timedelta(seconds=5)


def test_a_long_429_is_never_slept_out(time, meter):
    with pytest.raises(RateLimited):
        ask(meter, "spotify", "search", failing(limited(6)), repeatable=True)
    assert time.slept == []
    assert meter.calls["spotify", "search"] == 1


def test_a_quota_is_never_slept_out_however_short(time, meter):
    quota = QuotaExceeded("spotify", NOW + timedelta(seconds=1))
    with pytest.raises(QuotaExceeded):
        ask(meter, "spotify", "search", failing(quota), repeatable=True)
    assert time.slept == []
    assert ("spotify", "search") in meter.blocks


def test_a_pause_holds_back_every_thread_of_the_run(time, meter):
    meter.pause("spotify", 2)
    with meter.call("spotify", "me"), meter.call("lastfm", "top_tracks"):
        pass
    assert time.slept == [2.0]


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("7", 7), (9, 9), ("0", 0), ("86207", 86_207), ("999999999999", 86_400), ("9" * 5000, 86_400)]
    + [(junk, 30) for junk in (None, "", "soon", "-5", "1.5", "²", "nan", "Wed, 21 Oct 2026 07:28:00 GMT")],
)
def test_a_retry_after_is_seconds_or_half_a_minute(retry_after, seconds):
    assert blocked_until(retry_after, NOW) == NOW + timedelta(seconds=seconds)


def test_an_answer_that_is_no_success_is_refused_whole(web):
    web.get(URL, status=503, body="<html>", headers={"Retry-After": "9"})
    with pytest.raises(Refused) as refused:
        session().get(URL)
    assert (refused.value.status, refused.value.text, refused.value.headers["Retry-After"]) == (503, "<html>", "9")


def test_a_redirect_is_not_followed(web):
    web.get(URL, status=302, headers={"Location": "https://elsewhere.example/"})
    elsewhere = web.get("https://elsewhere.example/", json={})
    with pytest.raises(Refused):
        session().get(URL, headers={"Authorization": "Bearer secret"})
    assert elsewhere.call_count == 0


NESTED = "[" * 200_000 + "]" * 200_000


@pytest.mark.parametrize("body", [NESTED, "9" * 5000, f'{{"a": {NESTED}}}'], ids=["nested", "digits", "nested within"])
def test_what_no_library_can_read_is_malformed_and_counts_for_the_breaker(web, meter, body):
    web.get(URL, body=body)
    with pytest.raises(ServiceError, match="malformed"):
        ask(meter, "deezer", "top", lambda: fetched("deezer", URL), repeatable=True)
    assert meter.health["deezer"].failures == 1


def test_what_spotipy_can_not_read_is_malformed_too(web, meter):
    web.get("https://api.spotify.com/v1/me/", body=NESTED)
    with pytest.raises(ServiceError, match="malformed"):
        SpotifyClient("token", meter).me()


def test_an_answer_is_read_to_a_bound_and_not_to_its_end():
    with serving(lambda asked: Answer(b" " * (LARGEST + 1))) as server, pytest.raises(ServiceError, match="malformed"):
        fetched("deezer", server.url)
    squeezed = Answer(gzip.compress(b" " * (LARGEST + 1)), headers={"Content-Encoding": "gzip"})
    with serving(lambda asked: squeezed) as server, pytest.raises(ServiceError, match="malformed"):
        fetched("deezer", server.url)
    with serving(lambda asked: Answer(b" " * (LARGEST - 2) + b"{}")) as server:
        assert fetched("deezer", server.url) == {}


def test_an_answer_that_breaks_off_is_a_broken_connection():
    short = Answer("{}", headers={"Content-Encoding": "gzip"})
    with serving(lambda asked: short) as server, pytest.raises(ServiceError, match="connection"):
        fetched("deezer", server.url)


def test_a_session_names_us_and_keeps_no_cookies(web):
    web.get(URL, json={}, headers={"Set-Cookie": "sid=1"})
    session().get(URL)
    session().get(URL)
    assert "Cookie" not in web.calls[1].request.headers
    assert web.calls[0].request.headers["User-Agent"] == USER_AGENT


def test_a_session_keeps_its_connection_when_spotipy_forgets_its_client():
    forgotten: Any = spotipy.Spotify
    with serving(lambda asked: Answer("{}")) as server:
        for _ in range(3):
            forgotten(auth="token", requests_session=session())._get(server.url + "/v1/me")
    assert (len(server.asked), server.connections) == (3, 1)


def test_each_thread_has_a_session_of_its_own():
    theirs: list[requests.Session] = []
    thread = threading.Thread(target=lambda: theirs.append(session()))
    thread.start()
    thread.join()
    assert theirs[0] is not session()


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize(
    ("date", "at"),
    [("Mon, 23 Nov 2026 06:30:00 GMT", NOW), ("", None), ("tomorrow", None)],
    ids=["told", "none", "no date"],
)
def test_an_answer_good_or_bad_tells_the_time(web, status, date, at):
    web.get("https://x.example/", status=status, headers={"Date": date} if date else {})
    with suppress(Refused):
        session().get("https://x.example/", timeout=1)
    assert told_date() == at
