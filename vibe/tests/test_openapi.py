"""What the sandbox answers, and what is asked of it, follows Spotify's published schema; a whole run's: test_demo."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
import spotipy

from vibe.tests.openapi import Exchange, needs_schema, validate
from vibe.tests.recording_proxy import RecordingProxy
from vibe.tests.sandbox_process import Sandbox, small_world


@pytest.fixture(scope="module", params=["development", "extended"])
def proxied(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, RecordingProxy, str]]:
    needs_schema()
    with Sandbox(small_world(), mode=request.param) as sandbox, RecordingProxy(sandbox.url) as proxy:
        yield sandbox, proxy, request.param


def client(sandbox: Sandbox, proxy: RecordingProxy) -> Any:
    library: Any = spotipy.Spotify
    spotify = library(auth=sandbox.token_for("anna")["access_token"], requests_session=requests.Session())
    spotify.prefix = f"{proxy.url}/v1/"
    return spotify


def read_everything(spotify: Any) -> None:
    spotify.me()
    likes = spotify.current_user_saved_tracks(limit=50)["items"]
    spotify.current_user_saved_tracks(limit=2, offset=2)
    spotify.current_user_recently_played(limit=50)
    spotify.current_user_recently_played(limit=5, before=1)
    spotify.current_user_top_tracks(limit=50)
    spotify.current_user_top_artists(limit=50)
    spotify.current_user_followed_artists(limit=1)
    spotify.search('track:"Xtal" artist:"Aphex Twin"', limit=10, type="track,artist,album,playlist")
    track = likes[0]["track"]
    spotify.track(track["id"])
    spotify.artist(track["artists"][0]["id"])
    spotify.artist_albums(track["artists"][0]["id"], limit=10)
    spotify.album(track["album"]["id"])
    spotify.album_tracks(track["album"]["id"])
    spotify.current_user_saved_tracks_contains([track["id"]])


def make_a_playlist(spotify: Any) -> None:
    uris = [row["track"]["uri"] for row in spotify.current_user_saved_tracks()["items"]]
    made = spotify._post("me/playlists", payload={"name": "Daily", "public": False, "description": "Today"})
    items = f"playlists/{made['id']}/items"
    spotify._post(items, payload={"uris": uris})
    spotify._put(items, payload={"uris": uris[:3]})
    spotify._put(items, payload={"range_start": 0, "insert_before": 2})
    spotify._delete(items, payload={"items": [{"uri": uris[0]}]})
    spotify.playlist_change_details(made["id"], description="Tomorrow")
    spotify.playlist(made["id"])
    spotify.playlist_items(made["id"], limit=50)
    spotify.current_user_playlists(limit=50)
    spotify.playlist_upload_cover_image(made["id"], base64.b64encode(b"\xff\xd8\xff\xe0 a cover").decode())
    spotify.playlist_cover_image(made["id"])
    spotify._delete("me/library", uris=f"spotify:playlist:{made['id']}")


def save_and_drop(spotify: Any) -> None:
    spotify.current_user_saved_tracks_add(["T" + "0" * 19 + "20"])
    spotify.current_user_saved_tracks_delete(["T" + "0" * 19 + "20"])


def be_refused(spotify: Any) -> None:
    refused: list[Callable[[], object]] = [
        lambda: spotify.search("x", limit=51),
        lambda: spotify.track("0" * 22),
        lambda: spotify.playlist_items("0" * 22),
        lambda: spotify._get("me/tracks", limit=51),
        lambda: spotify.artist_related_artists("A" + "0" * 21),
    ]
    for ask in refused:
        with pytest.raises(spotipy.SpotifyException):
            ask()


@pytest.mark.parametrize("session", [read_everything, make_a_playlist, save_and_drop, be_refused])
def test_every_exchange_with_spotipy_follows_the_schema(proxied, session):
    sandbox, proxy, _ = proxied
    proxy.exchanges.clear()
    session(client(sandbox, proxy))
    assert len(proxy.exchanges) > 1
    assert [complaint for exchange in proxy.exchanges for complaint in validate(exchange)] == []


def test_what_only_old_apps_have_follows_the_schema_too(proxied):
    sandbox, proxy, mode = proxied
    proxy.exchanges.clear()
    spotify = client(sandbox, proxy)
    asked: list[Callable[[], object]] = [
        lambda: spotify._get("recommendations", seed_tracks="T" + "0" * 21),
        lambda: spotify._get(f"artists/A{'0' * 21}/top-tracks"),
        lambda: spotify._get("tracks", ids="T" + "0" * 21),
    ]
    for ask in asked:
        if mode == "extended":
            ask()
        else:
            with pytest.raises(spotipy.SpotifyException, match="Forbidden"):
                ask()
    assert [complaint for exchange in proxy.exchanges for complaint in validate(exchange)] == []


def a_search(proxied: tuple[Sandbox, RecordingProxy, str]) -> Exchange:
    sandbox, proxy, _ = proxied
    proxy.exchanges.clear()
    client(sandbox, proxy).search("Xtal", limit=10)
    return proxy.exchanges[-1]


def test_the_check_finds_a_wrong_request(proxied):
    search = a_search(proxied)
    assert validate(search) == []
    assert validate(replace(search, target=search.target.replace("limit=10", "limit=20")))
    assert validate(replace(search, request_headers={}))
    assert validate(replace(search, target="/v1/no/such/route"))


def test_the_check_finds_a_wrong_answer(proxied):
    search = a_search(proxied)
    answer = json.loads(search.response_body)
    answer["tracks"]["items"][0]["duration_ms"] = "long"
    assert validate(replace(search, response_body=json.dumps(answer).encode()))
    assert validate(replace(search, response_body=b""))  # it still says that it is JSON
