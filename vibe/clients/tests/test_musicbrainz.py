from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.http import USER_AGENT
from vibe.clients.musicbrainz import Credit, MusicbrainzClient, Recording
from vibe.clients.tests.conftest import NOW

ISRC = "GBAYE9701274"
URL = f"https://musicbrainz.org/ws/2/isrc/{ISRC}"
RECORDING, ARTIST, GUEST = (f"{n}f0d1f2a-4b3c-4d5e-8f90-a1b2c3d4e5f6" for n in (1, 2, 3))
# https://musicbrainz.org/doc/MusicBrainz_API#isrc
ANSWER: dict[str, Any] = {
    "isrc": ISRC,
    "recordings": [
        {
            "id": RECORDING,
            "title": "Creep",
            "length": 238640,
            "video": False,
            "artist-credit": [
                {"name": "Radiohead", "joinphrase": " feat. ", "artist": {"id": ARTIST, "name": "Radiohead"}},
                {"name": "A Guest", "joinphrase": "", "artist": {"id": GUEST, "name": "Guest"}},
            ],
        }
    ],
}


@pytest.fixture
def client(meter) -> MusicbrainzClient:
    return MusicbrainzClient(meter)


def test_an_isrc_is_a_recording_and_its_artists(client, web):
    web.get(URL, json=ANSWER)
    found = client.recordings(ISRC)
    assert found == (Recording(RECORDING, "Creep", (Credit(ARTIST, "Radiohead"), Credit(GUEST, "Guest")), 238640),)
    asked = web.calls[0].request
    assert asked.params == {"inc": "artist-credits", "fmt": "json"}
    assert asked.headers["User-Agent"] == USER_AGENT


def test_an_installation_with_an_address_gives_it_as_the_contact(client, web, settings):
    # "Application name/<version> ( contact-url )": https://musicbrainz.org/doc/MusicBrainz_API/Rate_Limiting
    settings.PUBLIC_URL, settings.HTTPS = "https://vibe.example.org", True
    web.get(URL, json=ANSWER)
    client.recordings(ISRC)
    assert web.calls[0].request.headers["User-Agent"] == "DailyVibe/0.1 ( https://vibe.example.org )"


def test_an_isrc_that_is_not_there_is_no_error(client, web, meter):
    web.get(URL, status=404, json={"error": "Not Found"})
    assert client.recordings(ISRC) == ()
    assert meter.outcomes["musicbrainz", "recordings", "ok"] == 1


@pytest.mark.parametrize("isrc", ["", "GB-AYE-97-01274", "gbaye9701274", "GBAYE970127", "../artist/1", "ГBAYE9701274"])
def test_what_is_no_isrc_is_not_asked(client, web, isrc):
    assert client.recordings(isrc) == ()
    assert not web.calls


def test_one_call_too_many_is_a_503_that_blocks_until_it_says(client, web, meter):
    text = "Your requests are exceeding the allowable rate limit."
    web.get(URL, status=503, json={"error": text}, headers={"Retry-After": "60"})
    with pytest.raises(RateLimited) as raised:
        client.recordings(ISRC)
    assert raised.value.until == NOW + timedelta(seconds=60)
    with pytest.raises(RateLimited):
        client.recordings("GBAYE9701275")
    assert len(web.calls) == 1


def test_another_503_may_pass_and_is_tried_again(client, web):
    web.get(URL, status=503, body="The MusicBrainz web server is currently busy.")
    web.get(URL, json=ANSWER)
    assert len(client.recordings(ISRC)) == 1


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", "null", '{"recordings": null}', '{"recordings": {}}', "<html>", '{"recordings": "a"}']
)
def test_rubbish_is_malformed(client, web, body):
    web.get(URL, body=body)
    with pytest.raises(ServiceError) as raised:
        client.recordings(ISRC)
    assert raised.value.code == "malformed"


@pytest.mark.parametrize(
    "row",
    [
        None,
        {},
        {"id": "no-id", "title": "Creep", "artist-credit": ANSWER["recordings"][0]["artist-credit"]},
        {"id": RECORDING, "title": None, "artist-credit": ANSWER["recordings"][0]["artist-credit"]},
        {"id": RECORDING, "title": "Creep"},
        {"id": RECORDING, "title": "Creep", "artist-credit": [None, {"artist": None}, {"artist": {"id": ARTIST}}]},
    ],
)
def test_a_bad_row_costs_nothing_but_itself(client, web, row):
    web.get(URL, json={"recordings": [row, *ANSWER["recordings"]]})
    assert [one.title for one in client.recordings(ISRC)] == ["Creep"]


def test_a_length_that_is_none_is_unknown(client, web):
    web.get(URL, json={"recordings": [{**ANSWER["recordings"][0], "length": None}]})
    assert client.recordings(ISRC)[0].duration_ms == 0
