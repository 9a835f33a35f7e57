"""The Last.fm of the sandbox, through the real pylast and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pylast
import pytest

from vibe.tests.sandbox_local import NOW, Local
from vibe.tests.sandbox_process import Sandbox, small_world


class ToSandbox(httpx2.BaseTransport):
    """Sends what pylast means for https at Last.fm to the sandbox."""

    def __init__(self, url: str) -> None:
        self._inner, self._port = httpx2.HTTPTransport(), urlsplit(url).port

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """pylast closes it after each call; it is needed again."""

    def end(self) -> None:
        self._inner.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(small_world() | {"tracks": [*small_world()["tracks"], awkward()]}) as sandbox:
        yield sandbox


@pytest.fixture
def network(sandbox: Sandbox) -> Iterator[Any]:
    transport = ToSandbox(sandbox.url)
    library: Any = pylast.LastFMNetwork
    yield library(api_key="a-key", proxy={"https://": transport})
    transport.end()
    sandbox.clear_faults()


def awkward() -> dict[str, Any]:
    track: dict[str, Any] = small_world()["tracks"][20]
    return track | {
        "id": "T" + "9" * 21,
        "name": 'Rock & <Roll> "\x07" Ain\'t',
        "listeners": 9999,
    }


def test_similar_tracks_with_their_match(network):
    found = network.get_track("aphex twin", "XTAL").get_similar(limit=2)
    assert [(one.item.artist.name, one.item.title, float(one.match)) for one in found] == [
        ("Aphex Twin", "Ageispolis", 0.8),
        ("Aphex Twin", "Heliosphan", 0.6),
    ]


def test_similar_artists_with_their_match(network):
    found = network.get_artist("Кино").get_similar(limit=2)
    assert [(one.item.name, float(one.match)) for one in found] == [("Mötley Crüe", 0.8), ("AC/DC", 0.6)]


def test_an_artists_tracks_most_heard_first_with_awkward_letters_kept(network):
    found = network.get_artist("AC/DC").get_top_tracks(limit=2)
    assert [(one.item.title, int(one.weight)) for one in found] == [
        ('Rock & <Roll> "" Ain\'t', 39996),  # what XML cannot carry is gone
        ("Thunderstruck", 3920),
    ]


def test_pages_are_followed(network, sandbox):
    sandbox.calls(clear=True)
    found = network.get_tag("rock").get_top_tracks(limit=17)
    assert len({one.item.title for one in found}) == 17
    assert network.get_artist("Кино").get_top_tracks(limit=60)[-1].item.title == "Звезда"


def test_tags_of_artists_and_tracks(network):
    assert [(one.item.name, one.weight) for one in network.get_artist("Кино").get_top_tags()] == [("rock", "100")]
    assert [one.item.name for one in network.get_track("Кино", "Перемен").get_top_tags()] == ["rock"]


def test_a_tags_tracks_come_by_how_often_they_are_tagged_so():
    world = small_world()
    world["artists"][0]["tags"], world["artists"][1]["tags"] = {"sad": 1}, {"sad": 90}
    ask = {"method": "tag.getTopTracks", "tag": "SAD", "api_key": "k", "format": "json", "limit": 30}
    rows = Local(world).http.get("/2.0/", query_string=ask).get_json()["tracks"]["track"]
    artists = list(dict.fromkeys(row["artist"]["name"] for row in rows))
    assert artists == [world["artists"][1]["name"], world["artists"][0]["name"]]


def test_a_tag_that_nobody_uses_has_no_tracks(network):
    assert network.get_tag("banana").get_top_tracks(limit=5) == []


def test_what_a_user_heard(network):
    heard = network.get_user("anna").get_recent_tracks(limit=2)
    assert [(one.track.artist.name, one.track.title, one.album) for one in heard] == [
        ("Aphex Twin", "Heliosphan", "Album 1"),
        ("Aphex Twin", "Rhubarb", "Album 1"),
    ]


@pytest.mark.parametrize(
    "ask",
    [
        lambda network: network.get_artist("Nobody").get_similar(),
        lambda network: network.get_track("Aphex Twin", "No such").get_similar(),
        lambda network: network.get_user("zoe").get_recent_tracks(),
    ],
)
def test_an_unknown_name_is_error_six(network, ask):
    with pytest.raises(pylast.WSError) as caught:
        ask(network)
    assert str(caught.value.status) == "6"


def test_a_missing_key_is_error_ten(network):
    network.api_key = ""
    with pytest.raises(pylast.WSError) as caught:
        network.get_artist("Кино").get_similar()
    assert str(caught.value.status) == "10"


@pytest.mark.parametrize("code", [8, 10, 11, 16, 26, 29])
def test_a_scripted_error_arrives_with_its_number(network, sandbox, code):
    sandbox.fault("lastfm_error", code=code, path="/2.0/artist.getSimilar")
    with pytest.raises(pylast.WSError) as caught:
        network.get_artist("Кино").get_similar()
    assert str(caught.value.status) == str(code)
    assert network.get_artist("Кино").get_similar()


def test_an_empty_answer_is_still_an_answer(network, sandbox):
    sandbox.fault("empty", service="lastfm", times=2)
    assert network.get_artist("Кино").get_similar() == []
    assert network.get_track("Кино", "Перемен").get_similar() == []


def test_a_broken_answer_cannot_be_parsed(network, sandbox):
    sandbox.fault("malformed", service="lastfm")
    with pytest.raises(pylast.MalformedResponseError):
        network.get_artist("Кино").get_similar()


def test_json_where_it_is_asked_for():
    query = {"method": "artist.getTopTracks", "artist": "кино", "api_key": "k", "format": "json", "limit": 1, "page": 2}
    answer = Local().http.get("/2.0/", query_string=query).get_json()["toptracks"]
    assert [row["name"] for row in answer["track"]] == ["Перемен"]
    assert answer["@attr"] == {"artist": "Кино", "page": "2", "perPage": "1", "totalPages": "4", "total": "4"}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"method": "artist.getSimilar", "api_key": "k"}, 404, 6),
        ({"method": "album.getInfo", "api_key": "k"}, 400, 3),
        ({}, 403, 10),
    ],
)
def test_an_error_as_json_has_its_number_and_status(query, status, code):
    answer = Local().http.get("/2.0/", query_string=query | {"format": "json"})
    assert (answer.status_code, answer.get_json()["error"]) == (status, code)


def test_plays_carry_their_moment():
    query = {"method": "user.getRecentTracks", "user": "anna", "api_key": "k", "format": "json"}
    first = Local().http.get("/2.0/", query_string=query).get_json()["recenttracks"]["track"][0]
    assert first["date"]["uts"] == int(NOW.timestamp()) - 4 * 3600
