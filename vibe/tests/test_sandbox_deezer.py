"""The Deezer of the sandbox, as JSON and through our client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vibe.clients.deezer import DeezerClient
from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.meter import Meter
from vibe.sandbox.deezer_catalogue import identity
from vibe.tests.sandbox_local import NOW, Local
from vibe.tests.sandbox_process import Sandbox, small_world

XTAL = "QZ0002600000"


@pytest.fixture(scope="module")
def process() -> Iterator[Sandbox]:
    with Sandbox(small_world()) as process:
        yield process


@pytest.fixture
def sandbox(process: Sandbox, settings) -> Iterator[Sandbox]:
    for name, value in process.environment.items():
        setattr(settings, name, value)
    yield process
    process.clear_faults()


@pytest.fixture
def client(sandbox: Sandbox) -> DeezerClient:
    return DeezerClient(Meter(lambda: NOW, {}, sleep=lambda seconds: None))


@pytest.fixture
def local() -> Local:
    return Local()


def ask(local: Local, path: str, **query):
    answer = local.http.get(f"/deezer/{path}", query_string=query)
    assert answer.status_code == 200
    return answer.get_json()


def aphex_twin(local: Local) -> int:
    return identity(local.sandbox.world.artists["A" + "0" * 21])


def test_from_a_recordings_code_to_what_is_near_and_best_known(client):
    track = client.track(XTAL)
    assert (track.title, track.isrc, track.duration_ms) == ("Xtal", XTAL, 180_000)
    [artist] = track.artists
    assert artist.name == "Aphex Twin"
    near = client.related_artists(artist.id, limit=2)
    assert [one.name for one in near] == ["Boards of Canada", "Земфира"]
    assert [one.title for one in client.top_tracks(near[1].id, limit=2)] == ["Искала", "Хочешь?"]


def test_lists_leave_the_recording_code_out(client, local):
    assert {track.isrc for track in client.top_tracks(str(aphex_twin(local)))} == {""}


def test_not_every_recording_is_there(local):
    missing = sorted({track["isrc"] for track in small_world()["tracks"]} - set(local.sandbox.deezer.recordings))
    assert 0 < len(missing) < 12
    assert ask(local, f"track/isrc:{missing[0]}") == {
        "error": {"type": "DataException", "message": "no data", "code": 800}
    }


def test_a_list_has_pages(local):
    first = ask(local, f"artist/{aphex_twin(local)}/top", limit=2)
    assert (len(first["data"]), first["total"] > 2) == (2, True)
    assert first["next"].endswith("/top?limit=2&index=2")
    assert "next" not in ask(local, f"artist/{aphex_twin(local)}/top", limit=100)


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("artist/1/related", {}, 800),
        ("track/isrc:QZ9999999999", {}, 800),
        ("track/isrc:short", {}, 600),
        ("artist/x/top", {}, 600),
        ("artist/{id}/albums", {}, 600),
        ("artist/{id}/top", {"access_token": "1"}, 600),
        ("artist/{id}/top", {"limit": "101"}, 100),
        ("artist/{id}/top", {"limit": "many"}, 500),
    ],
)
def test_what_makes_no_sense_is_refused_with_status_200(local, path, query, code):
    assert ask(local, path.format(id=aphex_twin(local)), **query)["error"]["code"] == code


def test_nothing_is_written_there(local):
    assert local.http.post(f"/deezer/artist/{aphex_twin(local)}/top").get_json()["error"]["code"] == 600


def test_too_many_calls_are_a_200_with_code_4(client, sandbox):
    sandbox.fault("rate_limit", service="deezer", times=None)
    with pytest.raises(RateLimited):
        client.track(XTAL)


def test_its_other_faults_are_told_by_their_numbers(client, sandbox):
    sandbox.fault("deezer_error", code=700)
    assert client.track(XTAL) is not None  # busy once
    sandbox.fault("deezer_error", code=200)
    with pytest.raises(ServiceError, match="forbidden"):
        client.track(XTAL)
    sandbox.fault("not_found", service="deezer")
    assert client.track(XTAL) is None
    artist = client.track(XTAL).artists[0].id
    sandbox.fault("empty", service="deezer")
    assert client.related_artists(artist) == ()
    sandbox.fault("malformed", service="deezer", times=3)
    with pytest.raises(ServiceError, match="malformed"):
        client.track(XTAL)


def test_its_calls_are_listed_under_their_families(client, sandbox):
    sandbox.calls(clear=True)
    artist = client.track(XTAL).artists[0].id
    client.related_artists(artist)
    client.top_tracks(artist)
    assert [row["family"] for row in sandbox.calls("deezer")] == ["track", "related", "top_tracks"]
