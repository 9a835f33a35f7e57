"""What no database or column holds never gets past a client, whichever service sends it."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import pytest

from vibe.clients import spotify_json
from vibe.clients.deezer import DeezerClient
from vibe.clients.lastfm import LastfmClient
from vibe.clients.listenbrainz import ListenbrainzClient
from vibe.clients.musicbrainz import MusicbrainzClient
from vibe.clients.reccobeats import ReccoBeatsClient
from vibe.clients.tests.server import Answer, serving
from vibe.clients.text import LONGEST_NAME, as_isrc, as_name, as_text

API, LABS, MUSICBRAINZ = "https://api.listenbrainz.org", "https://labs.api.listenbrainz.org", "https://musicbrainz.org"
MBID, NEAR, ISRC, ID = (
    "0f0d1f2a-4b3c-4d5e-8f90-a1b2c3d4e5f6",
    "1" * 8 + "-4b3c" * 3 + "-" + "a" * 12,
    "GB" + "1" * 10,
    "a" * 22,
)
ODD = "Спл\ud800ин\x00 \x1b[31m\x85" + "н" * 100_000
READ = as_name(ODD)


def of_musicbrainz(web, meter) -> list[str]:
    artist = {"artist": {"id": MBID, "name": ODD}}
    rows = {"recordings": [{"id": MBID, "title": ODD, "artist-credit": [artist]}]}
    web.get(f"{MUSICBRAINZ}/ws/2/isrc/{ISRC}", json=rows)
    return [name for one in MusicbrainzClient(meter).recordings(ISRC) for name in (one.title, one.artists[0].name)]


def of_the_radio(web, meter) -> list[str]:
    row = {"recording_mbid": MBID, "similar_artist_mbid": MBID, "similar_artist_name": ODD}
    web.get(f"{API}/1/lb-radio/artist/{MBID}", json={MBID: [row]})
    return [one.artist for one in ListenbrainzClient(meter).artist_radio(MBID, 1, 1)]


def of_listenbrainz(web, meter) -> list[str]:
    rows = {MBID: {"recording": {"name": ODD}, "artist": {"name": ODD}}}
    web.post(f"{API}/1/metadata/recording/", json=rows)
    return [name for one in ListenbrainzClient(meter).recordings([MBID]) for name in (one.title, one.artists[0].name)]


def of_the_labs(web, meter) -> list[str]:
    row = {"recording_mbid": MBID, "recording_name": ODD, "artist_credit_name": ODD, "score": 1}
    web.post(f"{LABS}/similar-recordings/json", json=[row])
    return [name for one in ListenbrainzClient(meter).similar_recordings(NEAR) for name in (one.artist, one.title)]


def of_deezer(web, meter) -> list[str]:
    web.get(f"https://api.deezer.com/track/isrc:{ISRC}", json={"title": ODD, "artist": {"id": 1, "name": ODD}})
    track = DeezerClient(meter).track(ISRC)
    assert track is not None
    return [track.title, track.artists[0].name]


def of_reccobeats(web, meter) -> list[str]:
    href = "https://open.spotify.com/{}/" + ID
    artist = {"href": href.format("artist"), "name": ODD}
    row = {"href": href.format("track"), "trackTitle": ODD, "artists": [artist], "isrc": ODD}
    web.get("https://api.reccobeats.com/v1/track/recommendation", json=[row])
    return [name for one in ReccoBeatsClient(meter).recommendations([ID]) for name in (one.name, one.artist.name)]


def of_spotify(_web, _meter) -> list[str]:
    row: dict[str, Any] = {"id": ID, "name": ODD, "artists": [{"name": ODD}], "album": {"name": ODD}}
    track, album = spotify_json.track(row), spotify_json.album(row)
    assert track is not None
    assert album is not None
    return [track.name, track.artist.name, track.album, album.name]


@pytest.mark.parametrize(
    "names",
    [of_musicbrainz, of_the_radio, of_listenbrainz, of_the_labs, of_deezer, of_reccobeats, of_spotify],
)
def test_every_name_of_every_service_can_be_stored(web, meter, names):
    told = names(web, meter)
    assert told
    assert set(told) == {READ}
    assert len(READ) == LONGEST_NAME
    assert READ.encode().startswith("Сплин [31mн".encode())


def test_every_name_of_lastfm_can_be_stored(meter, settings):
    # XML itself refuses the halves of a character.
    odd = "Спл\x85ин" + "н" * 100_000
    body = f"<lfm status='ok'><toptracks><track><name>{escape(odd)}</name></track></toptracks></lfm>"
    with serving(lambda asked: Answer(body)) as server:
        settings.LASTFM_API_URL = server.url + "/2.0/"
        assert LastfmClient("key", meter).artist_top_tracks("x") == (as_name(odd),)
    assert as_name(odd) == "Сплин" + "н" * (LONGEST_NAME - 5)


@pytest.mark.parametrize("nothing", [None, 7, ["x"], {"x": 1}, "", " \x00\udfff "])
def test_what_is_no_text_is_an_empty_one(nothing):
    assert as_text(nothing) == as_name(nothing) == as_isrc(nothing) == ""


def test_letters_of_every_script_stay_as_they_are():
    assert as_name(" Ленинград – 草東沒有派對 🎵 e\u0301 ") == "Ленинград – 草東沒有派對 🎵 e\u0301"
