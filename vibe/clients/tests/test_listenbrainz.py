from __future__ import annotations

import json
from datetime import timedelta

import pytest

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.listenbrainz import ALGORITHM, ListenbrainzClient, RadioTrack, SimilarRecording
from vibe.clients.musicbrainz import Credit, Recording
from vibe.clients.tests.conftest import NOW

API, LABS = "https://api.listenbrainz.org", "https://labs.api.listenbrainz.org"
SEED, NEAR, ONE, TWO, THREE = (f"{n}f0d1f2a-4b3c-4d5e-8f90-a1b2c3d4e5f6" for n in range(5))
RADIO = f"{API}/1/lb-radio/artist/{SEED}"
SIMILAR, IDS = f"{LABS}/similar-recordings/json", f"{LABS}/spotify-id-from-metadata/json"
ID = "6b2oQwSGFkzsMtQruIWm2p"


@pytest.fixture
def client(meter) -> ListenbrainzClient:
    return ListenbrainzClient(meter)


def played(recording: str, artist: str, name: str, listens: int) -> dict:
    return {
        "recording_mbid": recording,
        "similar_artist_mbid": artist,
        "similar_artist_name": name,
        "total_listen_count": listens,
    }


def test_the_radio_is_read_in_a_fixed_order_whatever_the_draw(client, web):
    rows = {
        NEAR: [played(ONE, NEAR, "Blur", 10), played(TWO, NEAR, "Blur", 20)],
        SEED: [played(THREE, SEED, "Radiohead", 5)],
    }
    web.get(RADIO, json=rows)
    assert client.artist_radio(SEED, 10, 8) == (
        RadioTrack(THREE, SEED, "Radiohead", 5),
        RadioTrack(TWO, NEAR, "Blur", 20),
        RadioTrack(ONE, NEAR, "Blur", 10),
    )
    assert web.calls[0].request.params == {
        "mode": "easy",
        "max_similar_artists": "10",
        "max_recordings_per_artist": "8",
        "pop_begin": "60",
        "pop_end": "100",
    }


def test_recordings_are_named_in_the_order_they_were_asked_for(client, web):
    # https://listenbrainz.readthedocs.io/en/latest/users/api/metadata.html
    artist = {"name": "Blur feat. A", "artists": [{"artist_mbid": NEAR, "name": "Blur"}, {"name": "A"}]}
    rows = {
        TWO: {"recording": {"name": "Song 2", "length": 122000, "rels": []}, "artist": artist},
        ONE: {"recording": {"name": "Tender"}, "artist": {"name": "Blur"}},
    }
    web.post(f"{API}/1/metadata/recording/", json=rows)
    assert client.recordings([ONE, TWO, THREE]) == (
        Recording(ONE, "Tender", (Credit("", "Blur"),)),
        Recording(TWO, "Song 2", (Credit(NEAR, "Blur"), Credit("", "A")), 122000),
    )
    assert json.loads(web.calls[0].request.body) == {"recording_mbids": [ONE, TWO, THREE], "inc": "artist"}


def test_similar_recordings_come_nearest_first_with_a_match_of_one_for_the_nearest(client, web):
    rows = [
        {"recording_mbid": ONE, "recording_name": "Tender", "artist_credit_name": "Blur", "score": 50},
        {"recording_mbid": TWO, "recording_name": "Song 2", "artist_credit_name": "Blur", "score": 200},
        {"recording_mbid": SEED, "recording_name": "Itself", "artist_credit_name": "Radiohead", "score": 900},
    ]
    web.post(SIMILAR, json=rows)
    assert client.similar_recordings(SEED) == (
        SimilarRecording(TWO, "Blur", "Song 2", 1.0),
        SimilarRecording(ONE, "Blur", "Tender", 0.25),
    )
    assert json.loads(web.calls[0].request.body) == [{"recording_mbids": [SEED], "algorithm": ALGORITHM}]


def test_names_become_ids_in_one_call_the_best_of_each(client, web):
    rows = [
        {
            "artist_name": "Кино",
            "release_name": "",
            "track_name": "Кукушка",
            "spotify_track_ids": ["odd", ID, "x" * 22],
        },
        {"artist_name": "Blur", "release_name": "", "track_name": "Tender", "spotify_track_ids": []},
    ]
    web.post(IDS, json=rows)
    assert client.spotify_ids([("Кино", "Кукушка"), ("Blur", "Tender")]) == (("Кино", "Кукушка", ID),)
    assert json.loads(web.calls[0].request.body) == [
        {"artist_name": "Кино", "release_name": "", "track_name": "Кукушка"},
        {"artist_name": "Blur", "release_name": "", "track_name": "Tender"},
    ]


def test_an_id_under_a_name_that_was_not_asked_for_is_nobodys(client, web):
    web.post(IDS, json=[{"artist_name": "Blur", "track_name": "Song 2", "spotify_track_ids": [ID]}])
    assert client.spotify_ids([("Blur", "Tender")]) == ()


@pytest.mark.parametrize("token", ["", "a-token"])
def test_a_token_goes_to_the_api_and_never_to_the_labs(client, web, settings, token):
    settings.LISTENBRAINZ_TOKEN = token
    web.get(RADIO, json={})
    web.post(IDS, json=[])
    client.artist_radio(SEED, 1, 1)
    client.spotify_ids([("Blur", "Tender")])
    assert web.calls[0].request.headers.get("Authorization") == (f"Token {token}" if token else None)
    assert "Authorization" not in web.calls[1].request.headers


def test_a_wrong_token_is_a_fault_of_the_installation_and_a_missing_one_is_none(client, web, settings, meter):
    web.get(RADIO, status=401, json={"code": 401, "error": "..."})
    with pytest.raises(ServiceError) as raised:
        client.artist_radio(SEED, 1, 1)
    assert raised.value.code == "forbidden"
    settings.LISTENBRAINZ_TOKEN = "wrong"
    with pytest.raises(ServiceError) as raised:
        client.artist_radio(SEED, 1, 1)
    assert raised.value.code == "bad_key"


def test_a_limit_ends_when_the_header_says(client, web):
    web.get(RADIO, status=429, headers={"X-RateLimit-Reset-In": "9"}, json={})
    with pytest.raises(RateLimited) as raised:
        client.artist_radio(SEED, 1, 1)
    assert raised.value.until == NOW + timedelta(seconds=9)


def test_a_limit_of_the_labs_leaves_the_api_alone(client, web):
    web.post(IDS, status=429, headers={"X-RateLimit-Reset-In": "900"}, json={})
    web.get(RADIO, json={})
    with pytest.raises(RateLimited):
        client.spotify_ids([("Blur", "Tender")])
    assert client.artist_radio(SEED, 1, 1) == ()


def test_a_question_that_is_sent_as_a_post_is_repeated_like_any_other(client, web):
    web.post(IDS, status=502)
    web.post(IDS, json=[])
    assert client.spotify_ids([("Blur", "Tender")]) == ()


@pytest.mark.parametrize("body", ["", "7", "null", '"text"', "<html>"])
@pytest.mark.parametrize("ask", ["radio", "recordings", "similar", "ids"])
def test_rubbish_is_malformed(client, web, ask, body):
    for method, url in (("GET", RADIO), ("POST", f"{API}/1/metadata/recording/"), ("POST", SIMILAR), ("POST", IDS)):
        web.add(method, url, body=body)
    asked = {
        "radio": lambda: client.artist_radio(SEED, 1, 1),
        "recordings": lambda: client.recordings([ONE]),
        "similar": lambda: client.similar_recordings(ONE),
        "ids": lambda: client.spotify_ids([("Blur", "Tender")]),
    }
    with pytest.raises(ServiceError) as raised:
        asked[ask]()
    assert raised.value.code == "malformed"


def test_bad_rows_cost_nothing_but_themselves(client, web):
    good = played(ONE, NEAR, "Blur", 10)
    odd = [None, 1, {}, {**good, "recording_mbid": "x"}, {**good, "similar_artist_name": None}]
    web.get(RADIO, json={NEAR: [*odd, good], SEED: None})
    assert [one.mbid for one in client.artist_radio(SEED, 1, 1)] == [ONE]
    web.post(
        f"{API}/1/metadata/recording/", json={ONE: None, TWO: {"recording": {"name": 1}, "artist": {"artists": 5}}}
    )
    assert client.recordings([ONE, TWO]) == ()
    row = {"recording_mbid": ONE, "recording_name": "Tender", "artist_credit_name": "Blur", "score": 5}
    web.post(SIMILAR, json=[None, [], {}, {**row, "score": "5"}, {**row, "recording_name": ""}, row])
    assert [one.title for one in client.similar_recordings(TWO)] == ["Tender"]
    web.post(IDS, json=[None, {"artist_name": 1}, {"artist_name": "B", "track_name": "T", "spotify_track_ids": "x"}])
    assert client.spotify_ids([("B", "T")]) == ()
