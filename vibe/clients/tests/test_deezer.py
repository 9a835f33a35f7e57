from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vibe.clients import deezer
from vibe.clients.deezer import DeezerArtist, DeezerClient, DeezerTrack
from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.http import BACKOFF, USER_AGENT
from vibe.clients.tests.conftest import NOW

API = "https://api.deezer.com/"
ISRC = "GBDUW0000059"
DAFT_PUNK = {"id": 27, "name": "Daft Punk", "type": "artist"}
# https://developers.deezer.com/api/track
TRACK: dict[str, Any] = {
    "id": 3135556,
    "readable": True,
    "title": "Harder, Better, Faster, Stronger",
    "isrc": ISRC,
    "duration": 226,
    "rank": 956167,
    "contributors": [DAFT_PUNK | {"role": "Main"}],
    "artist": DAFT_PUNK,
    "album": {"id": 302127, "title": "Discovery"},
    "type": "track",
}
# https://developers.deezer.com/api/artist/top
TOP = {"data": [TRACK | {"title": "One More Time", "duration": "320", "isrc": None}, TRACK], "total": 2}
RELATED = {"data": [{"id": 3, "name": "Justice"}, {"id": "4", "name": "Cassius"}], "total": 20}


@pytest.fixture
def client(meter) -> DeezerClient:
    return DeezerClient(meter)


def failed(code: Any) -> dict[str, Any]:
    return {"error": {"type": "Exception", "message": "whatever it says", "code": code}}


def test_a_recording_is_found_by_its_code_with_everybody_on_it(web, client, meter):
    guest = {"id": 5, "name": "Pharrell"}
    web.get(f"{API}track/isrc:{ISRC}", json=TRACK | {"contributors": [DAFT_PUNK, guest]})
    assert client.track(ISRC.lower()) == DeezerTrack(
        "Harder, Better, Faster, Stronger",
        (DeezerArtist("27", "Daft Punk"), DeezerArtist("5", "Pharrell")),
        226_000,
        ISRC,
    )
    assert meter.calls == {("deezer", "track"): 1}
    assert web.calls[0].request.headers["User-Agent"] == USER_AGENT


def test_nothing_but_the_code_is_sent(web, client):
    web.get(f"{API}track/isrc:{ISRC}", json=TRACK)
    client.track(ISRC)
    request = web.calls[0].request
    assert (request.url, request.body) == (f"{API}track/isrc:{ISRC}", None)
    assert not {"Authorization", "Cookie"} & set(request.headers)


@pytest.mark.parametrize("code", ["", "GBDUW000005", "GBDUW0000059/related", "3135556"])
def test_what_is_no_recording_code_is_not_asked_for(web, client, code):
    assert client.track(code) is None
    assert len(web.calls) == 0


def test_related_artists_come_in_deezers_order(web, client):
    web.get(f"{API}artist/27/related?limit=20", json=RELATED)
    assert client.related_artists("27") == (DeezerArtist("3", "Justice"), DeezerArtist("4", "Cassius"))


def test_top_tracks_come_in_deezers_order_with_their_length(web, client):
    web.get(f"{API}artist/27/top?limit=2", json=TOP)
    assert [(one.title, one.duration_ms, one.isrc) for one in client.top_tracks("27", limit=2)] == [
        ("One More Time", 320_000, ""),
        ("Harder, Better, Faster, Stronger", 226_000, ISRC),
    ]


def test_what_deezer_does_not_have_is_no_error(web, client, meter):
    web.get(f"{API}track/isrc:{ISRC}", json=failed(800))
    web.get(f"{API}artist/27/related?limit=20", json=failed(800))
    assert client.track(ISRC) is None
    assert client.related_artists("27") == ()
    assert meter.health["deezer"].failures == 0


def test_over_the_limit_with_status_200_is_waited_out_once_for_the_five_seconds_of_the_window(web, client, time):
    web.get(f"{API}artist/27/top?limit=20", json=failed(4))
    web.get(f"{API}artist/27/top?limit=20", json=TOP)
    assert len(client.top_tracks("27")) == 2
    assert time.slept == [5.0]


def test_over_the_limit_again_it_is_left_alone_by_every_thread(web, client, meter):
    web.get(f"{API}artist/27/top?limit=20", json=failed(4))
    with pytest.raises(RateLimited) as met:
        client.top_tracks("27")
    assert met.value.until == NOW + timedelta(seconds=10)
    assert len(web.calls) == 2
    with pytest.raises(RateLimited):
        client.related_artists("27")
    assert len(web.calls) == 2


def test_a_busy_service_is_asked_again_and_then_given_up(web, client, time):
    web.get(f"{API}artist/27/top?limit=20", json=failed(700))
    with pytest.raises(ServiceError, match="unavailable"):
        client.top_tracks("27")
    assert time.slept == list(BACKOFF)


@pytest.mark.parametrize(
    ("code", "meant"),
    [(200, "forbidden"), (300, "forbidden"), (500, "bad_request"), (600, "bad_request"), ("?", "bad_request")],
)
def test_other_errors_stay_and_are_not_repeated(web, client, code, meant):
    web.get(f"{API}artist/27/top?limit=20", json=failed(code))
    with pytest.raises(ServiceError) as met:
        client.top_tracks("27")
    assert (met.value.code, met.value.permanent, len(web.calls)) == (meant, True, 1)


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        ({"status": 503}, "unavailable"),
        ({"body": "<html>"}, "malformed"),
        ({"json": []}, "malformed"),
        ({"json": {"data": None}}, "malformed"),
        ({"json": failed({"a": 1})}, "malformed"),
        ({"json": failed([4])}, "malformed"),
        ({"body": requests.ConnectTimeout("https://x/")}, "timeout"),
    ],
)
def test_a_failure_that_may_pass_is_repeated_and_holds_no_address(web, client, answer, meant):
    web.get(f"{API}artist/27/top?limit=20", **answer)
    with pytest.raises(ServiceError) as met:
        client.top_tracks("27")
    assert (met.value.code, met.value.permanent, len(web.calls)) == (meant, False, 3)
    assert "http" not in str(met.value)


def test_rows_that_make_no_sense_are_left_out(web, client):
    bad = [
        None,
        7,
        {},
        {"title": "No artist"},
        TRACK | {"title": ""},
        TRACK | {"artist": {"id": 0, "name": "x"}, "contributors": 1},
    ]
    web.get(f"{API}artist/27/top?limit=20", json={"data": [*bad, TRACK | {"duration": None, "isrc": 1}]})
    assert client.top_tracks("27") == (DeezerTrack(TRACK["title"], (DeezerArtist("27", "Daft Punk"),)),)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "title", "artist", "contributors", "duration", "isrc"]), inside
        )
    ),
    max_leaves=12,
)


@given(ANYTHING)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_row_is_survived(row):
    track, artist = deezer._track(row), deezer._artist(row)
    assert track is None or (track.title and all(one.id and one.name for one in track.artists))
    assert artist is None or (artist.id.isdecimal() and artist.name)
