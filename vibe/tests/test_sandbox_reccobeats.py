"""The ReccoBeats of the sandbox, as JSON and through our client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.meter import Meter
from vibe.clients.reccobeats import ReccoBeatsClient
from vibe.sandbox.reccobeats import FEW, PATH, identity, part
from vibe.tests.sandbox_local import NOW, Local
from vibe.tests.sandbox_process import Sandbox, small_world


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
def client(sandbox: Sandbox) -> ReccoBeatsClient:
    return ReccoBeatsClient(Meter(lambda: NOW, {}, sleep=lambda seconds: None))


@pytest.fixture
def local() -> Local:
    return Local()


def ids(local: Local, wanted: bool = True) -> list[str]:
    """Of the tracks that it knows, or does not."""
    return [key for key, track in local.sandbox.world.tracks.items() if bool(part(track)) == wanted]


def test_tracks_like_some_come_with_spotifys_ids(client, local):
    known = local.sandbox.world.tracks
    found = client.recommendations(ids(local)[:3])
    assert found
    assert all(known[track.id].name == track.name and known[track.id].isrc == track.isrc for track in found)
    assert not {track.id for track in found} & set(ids(local)[:3])


def test_what_is_sold_elsewhere_only_does_not_come(client, local):
    few = {key for key, track in local.sandbox.world.tracks.items() if part(track) == 1}
    seeds = ids(local)[:5]
    everywhere, here = client.recommendations(seeds), client.recommendations(seeds, "DE")
    assert [track.id for track in here] == [track.id for track in everywhere if track.id not in few]
    assert client.recommendations(seeds, FEW.split(",")[0]) == everywhere


def test_seeds_that_it_does_not_know_are_left_out_and_none_is_a_400(client, local):
    [unknown, *_], [known, *_] = ids(local, wanted=False) or ["x" * 22], ids(local)
    assert client.recommendations([unknown, known]) == client.recommendations([known])
    answer = local.http.get(PATH, query_string={"size": 1, "seeds": unknown})
    assert (answer.status_code, answer.get_json()["errors"][0]["message"]) == (400, "seeds need at least one track")
    assert client.recommendations([unknown]) == ()


@pytest.mark.parametrize(
    "query",
    [
        {"seeds": "{id}"},
        {"size": "1"},
        {"size": "0", "seeds": "{id}"},
        {"size": "101", "seeds": "{id}"},
        {"size": "x", "seeds": "{id}"},
        {"size": "1", "seeds": "{id},{id},{id},{id},{id},{id}"},
        {"size": "1", "seeds": "{id}", "energy": "1.1"},
        {"size": "1", "seeds": "{id}", "tempo": "fast"},
        {"size": "1", "seeds": "{id}", "genre": "rock"},
        {"size": "1", "seeds": "{id}", "negativeSeeds": "a,b,c,d,e,f"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(local, query):
    asked = {name: value.format(id=ids(local)[0]) for name, value in query.items()}
    answer = local.http.get(PATH, query_string=asked)
    assert (answer.status_code, bool(answer.get_json()["errors"][0]["message"])) == (400, True)


def test_seeds_may_be_repeated_or_stand_in_one_and_negative_ones_do_not_come_back(local):
    one, two = ids(local)[:2]
    repeated = local.http.get(PATH, query_string=[("size", "9"), ("seeds", one), ("seeds", two)]).get_json()
    joined = local.http.get(PATH, query_string={"size": 9, "seeds": f"{one},{two}"}).get_json()
    assert repeated == joined
    first = joined["content"][0]
    assert first["id"] == identity(local.sandbox.world.tracks[first["href"][-22:]])
    less = local.http.get(PATH, query_string={"size": 9, "seeds": f"{one},{two}", "negativeSeeds": first["href"][-22:]})
    assert first not in less.get_json()["content"]


def test_there_is_one_route(local):
    assert local.http.get("/reccobeats/v1/track", query_string={"ids": "x"}).status_code == 404
    assert local.http.post(PATH).status_code == 404


def test_too_many_calls_are_a_429_with_retry_after(client, sandbox, local):
    sandbox.fault("rate_limit", service="reccobeats", seconds=90)
    with pytest.raises(RateLimited) as met:
        client.recommendations(ids(local)[:1])
    assert (met.value.until - NOW).total_seconds() == 90


def test_its_other_faults(client, sandbox, local):
    seeds = ids(local)[:1]
    sandbox.fault("empty", service="reccobeats")
    assert client.recommendations(seeds) == ()
    sandbox.fault("server_error", service="reccobeats", status=500)
    assert client.recommendations(seeds)
    sandbox.fault("malformed", service="reccobeats", times=3)
    with pytest.raises(ServiceError, match="malformed"):
        client.recommendations(seeds)
