from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from vibe.clients import reccobeats
from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.reccobeats import ReccoBeatsClient
from vibe.clients.tests.conftest import NOW
from vibe.clients.types import Artist, Track

API = "https://api.reccobeats.com/v1/track/recommendation"
SEEDS = [f"{n}" * 22 for n in range(1, 8)]
# https://reccobeats.com/docs/documentation/request-and-response
ROW: dict[str, Any] = {
    "id": "8212bab8-5911-48a0-b177-24923ef2329a",
    "trackTitle": "Wicked Games",
    "artists": [
        {
            "id": "9451b6b2-8746-4d43-abd7-c355ed1e3048",
            "name": "The Weeknd",
            "href": "https://open.spotify.com/artist/1Xyo4u8uXC1ZmMpatF05PJ",
        }
    ],
    "durationMs": 325305,
    "isrc": "USUM72104140",
    "ean": None,
    "upc": None,
    "href": "https://open.spotify.com/track/00aqkszH1FdUiJJWvX6iEl",
    "availableCountries": "AR,AU,AT,DE",
    "popularity": 69,
}
WICKED_GAMES = Track(
    "00aqkszH1FdUiJJWvX6iEl",
    "Wicked Games",
    (Artist("1Xyo4u8uXC1ZmMpatF05PJ", "The Weeknd"),),
    duration_ms=325305,
    isrc="USUM72104140",
    popularity=69,
)


@pytest.fixture
def client(meter) -> ReccoBeatsClient:
    return ReccoBeatsClient(meter)


@pytest.mark.parametrize("body", [[ROW], {"content": [ROW]}], ids=["as the reference shows", "as the service sends"])
def test_tracks_come_with_spotifys_ids(web, client, meter, body):
    web.get(API, json=body)
    assert client.recommendations(SEEDS[:2]) == (WICKED_GAMES,)
    assert meter.calls == {("reccobeats", "recommendations"): 1}


def test_nothing_but_ids_of_tracks_is_sent_and_five_of_them_at_most(web, client):
    web.get(API, json=[])
    client.recommendations(SEEDS)
    request = web.calls[0].request
    assert parse_qs(urlsplit(request.url).query) == {"size": ["100"], "seeds": [",".join(SEEDS[:5])]}
    assert (request.body, {"Authorization", "Cookie"} & set(request.headers)) == (None, set())


def test_only_what_is_sold_where_the_listener_is_comes_back(web, client):
    told = [
        ROW,
        ROW | {"availableCountries": "US"},
        ROW | {"availableCountries": None},
        ROW | {"availableCountries": ""},
    ]
    web.get(API, json=told)
    assert len(client.recommendations(SEEDS, "DE")) == 3
    assert len(client.recommendations(SEEDS)) == 4


def test_five_seeds_of_which_it_knows_none_are_no_error(web, client, meter):
    body = {"status": 4004, "errors": [{"path": "getRecommendation.seeds", "message": "seeds need at least one track"}]}
    web.get(API, status=400, json=body)
    assert client.recommendations(SEEDS) == ()
    assert meter.health["reccobeats"].failures == 0


def test_another_400_is_our_mistake(web, client):
    web.get(API, status=400, json={"status": 4004, "errors": [{"path": "getRecommendation.size", "message": "?"}]})
    with pytest.raises(ServiceError, match="bad_request"):
        client.recommendations(SEEDS)
    assert len(web.calls) == 1


def test_the_retry_after_of_a_429_is_obeyed(web, client, meter):
    web.get(API, status=429, headers={"Retry-After": "120"})
    with pytest.raises(RateLimited) as met:
        client.recommendations(SEEDS)
    assert met.value.until == NOW + timedelta(seconds=120)
    with pytest.raises(RateLimited):
        client.recommendations(SEEDS)
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        ({"status": 500}, "unavailable"),
        ({"body": "<html>"}, "malformed"),
        ({"json": {"content": {}}}, "malformed"),
        ({"json": "no"}, "malformed"),
        ({"body": requests.ConnectionError("https://x/")}, "connection"),
    ],
)
def test_a_failure_that_may_pass_is_repeated_and_holds_no_address(web, client, answer, meant):
    web.get(API, **answer)
    with pytest.raises(ServiceError) as met:
        client.recommendations(SEEDS)
    assert (met.value.code, met.value.permanent, len(web.calls)) == (meant, False, 3)
    assert "http" not in str(met.value)


@pytest.mark.parametrize(
    "href",
    [
        None,
        7,
        "",
        "https://open.spotify.com/track/",
        "https://open.spotify.com/album/00aqkszH1FdUiJJWvX6iEl",
        "https://open.spotify.com.evil.example/track/00aqkszH1FdUiJJWvX6iEl",
        "https://open.spotify.com/track/short",
    ],
)
def test_a_row_without_a_track_of_spotifys_is_left_out(web, client, href):
    web.get(API, json=[ROW | {"href": href}, ROW])
    assert client.recommendations(SEEDS) == (WICKED_GAMES,)


def test_a_link_of_a_country_or_with_a_query_is_understood(web, client):
    web.get(API, json=[ROW | {"href": "https://open.spotify.com/intl-de/track/00aqkszH1FdUiJJWvX6iEl?si=1"}])
    assert client.recommendations(SEEDS) == (WICKED_GAMES,)


@given(
    st.dictionaries(
        st.sampled_from(list(ROW)),
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.none() | st.just({"name": 1})),
    )
)
def test_any_row_is_survived(odd):
    track = reccobeats._track(ROW | odd)
    assert track is None or (track.id and track.name and track.artists)
    reccobeats._is_sold(ROW | odd, "DE")
