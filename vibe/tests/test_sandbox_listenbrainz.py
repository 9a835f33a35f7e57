"""MusicBrainz, ListenBrainz and its labs as the sandbox plays them."""

from __future__ import annotations

from typing import Any

import pytest

from vibe.sandbox.brainz import artist_id, recording_id, share
from vibe.sandbox.listenbrainz_labs import ALGORITHMS, NOT_INDEXED
from vibe.tests.sandbox_local import Local

OURS = {"User-Agent": "DailyVibe/0.1 (self-hosted playlist generator)"}
RADIO = {
    "mode": "easy",
    "max_similar_artists": "5",
    "max_recordings_per_artist": "3",
    "pop_begin": "0",
    "pop_end": "100",
}


@pytest.fixture
def local() -> Local:
    return Local()


def known(local: Local) -> list[Any]:
    return list(local.sandbox.brainz.recordings.values())


def kino(local: Local) -> str:
    return next(artist_id(one) for one in local.sandbox.world.artists.values() if one.name == "Кино")


def isrc(local: Local, code: str, **more: str):
    return local.http.get(
        f"/ws/2/isrc/{code}", query_string={"fmt": "json", "inc": "artist-credits"} | more, headers=OURS
    )


def radio(local: Local, key: str, **more: str):
    return local.http.get(f"/1/lb-radio/artist/{key}", query_string=RADIO | more)


def labs(local: Local, name: str, *rows: Any):
    return local.http.post(f"/{name}/json", json=list(rows))


def names(track: Any) -> dict[str, str]:
    return {"artist_name": track.artists[0].name, "release_name": "", "track_name": track.name}


def test_an_isrc_is_the_recording_and_its_artist(local):
    track = known(local)[0]
    answer = isrc(local, track.isrc).get_json()
    assert answer["recordings"][0]["id"] == recording_id(track)
    assert answer["recordings"][0]["artist-credit"][0]["artist"]["id"] == artist_id(track.artists[0])
    assert "artist-credit" not in isrc(local, track.isrc, inc="").get_json()["recordings"][0]


def test_some_recordings_are_not_there(local):
    missing = [track for track in local.sandbox.world.tracks.values() if track not in known(local)]
    assert 0 < len(missing) < len(known(local))
    assert isrc(local, missing[0].isrc).status_code == 404
    assert isrc(local, "GBAYE9701274").get_json()["error"] == "Not Found"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/ws/2/isrc/no-isrc?fmt=json", OURS, 400),
        ("/ws/2/isrc/GBAYE9701274", OURS, 406),
        ("/ws/2/isrc/GBAYE9701274?fmt=json", {"User-Agent": "python-requests/2.32"}, 403),
        ("/ws/2/artist/1?fmt=json", OURS, 404),
    ],
)
def test_musicbrainz_refuses_what_it_refuses(local, path, headers, status):
    assert local.http.get(path, headers=headers).status_code == status


def test_the_radio_plays_the_artist_and_near_ones_within_the_bounds(local):
    answer = radio(local, kino(local))
    rows = answer.get_json()
    assert kino(local) in rows
    assert len(rows) > 1
    assert all(0 < len(part) <= 3 for part in rows.values())
    row = rows[kino(local)][0]
    assert (row["similar_artist_name"], row["similar_artist_mbid"]) == ("Кино", kino(local))
    assert answer.headers["X-RateLimit-Limit"] == "30"
    assert radio(local, kino(local)).get_json() == rows


def test_a_hundred_leaves_the_best_known_recording_out_as_there(local):
    best = local.sandbox.brainz.by_artist[next(a.id for a in local.sandbox.world.artists.values() if a.name == "Кино")][
        0
    ]
    rows = radio(local, kino(local), max_recordings_per_artist="50").get_json()[kino(local)]
    assert rows
    assert recording_id(best) not in {row["recording_mbid"] for row in rows}


def test_another_day_has_another_draw(local):
    world = [radio(local, kino(local), max_recordings_per_artist="1").get_json()]
    for _ in range(8):
        local.later(days=1)
        world.append(radio(local, kino(local), max_recordings_per_artist="1").get_json())
    assert len({str(one) for one in world}) > 1


@pytest.mark.parametrize(
    "more", [{"mode": "odd"}, {"max_similar_artists": ""}, {"max_recordings_per_artist": "x"}, {"pop_end": "101"}]
)
def test_a_radio_wants_all_of_its_parameters(local, more):
    answer = radio(local, kino(local), **more)
    assert (answer.status_code, answer.get_json()["code"]) == (400, 400)


def test_an_unknown_artist_has_an_empty_radio_and_no_id_is_an_error(local):
    assert radio(local, "00000000-0000-4000-8000-000000000000").get_json() == {}
    assert radio(local, "Kino").status_code == 400


def test_recordings_are_named_by_their_ids(local):
    track = known(local)[0]
    keys = [recording_id(track), "00000000-0000-4000-8000-000000000000"]
    answer = local.http.post("/1/metadata/recording/", json={"recording_mbids": keys, "inc": "artist"}).get_json()
    assert list(answer) == keys[:1]
    assert answer[keys[0]]["recording"] == {"name": track.name, "length": track.duration_ms, "rels": []}
    assert answer[keys[0]]["artist"]["artists"][0]["name"] == track.artists[0].name


@pytest.mark.parametrize(
    "body", [None, [], {}, {"recording_mbids": []}, {"recording_mbids": ["x"]}, {"recording_mbids": 1}]
)
def test_a_question_for_names_that_makes_no_sense_is_refused(local, body):
    assert local.http.post("/1/metadata/recording/", json=body).status_code == 400


@pytest.mark.parametrize(
    ("token", "status"), [("", 401), ("Bearer good", 401), ("Token 1:wrong", 401), ("Token good", 200)]
)
def test_an_artists_top_recordings_want_a_token(local, token, status):
    headers = {"Authorization": token} if token else {}
    answer = local.http.get(f"/1/popularity/top-recordings-for-artist/{kino(local)}", headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert {row["artist_name"] for row in answer.get_json()} == {"Кино"}


def test_similar_recordings_are_those_of_the_world_with_a_score(local):
    track = known(local)[0]
    asked = {"recording_mbids": [recording_id(track)], "algorithm": ALGORITHMS[0]}
    rows = labs(local, "similar-recordings", asked).get_json()
    near = {near.name for near, _match in track.similar if near in known(local)}
    assert {row["recording_name"] for row in rows} == near
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert {row["reference_mbid"] for row in rows} == {recording_id(track)}


@pytest.mark.parametrize(
    "rows",
    [[], [1], [{"recording_mbids": ["x"], "algorithm": ALGORITHMS[0]}], [{"recording_mbids": [], "algorithm": "x"}]],
)
def test_the_labs_refuse_what_is_no_question(local, rows):
    assert labs(local, "similar-recordings", *rows).status_code == 400


def test_names_have_spotifys_ids_but_for_some(local):
    tracks = list(local.sandbox.world.tracks.values())
    rows = labs(local, "spotify-id-from-metadata", *map(names, tracks)).get_json()
    found = {row["track_name"]: row["spotify_track_ids"] for row in rows}
    for track in tracks:
        assert found[track.name] == ([track.id] if share(track, NOT_INDEXED) else [])
    assert [] in found.values()


def test_letters_count_and_nothing_else(local):
    track = next(one for one in known(local) if one.name == "Don't Go Away Mad" or share(one, NOT_INDEXED))
    loud = {"artist_name": track.artists[0].name.upper(), "release_name": "", "track_name": f"{track.name.upper()}!"}
    near = {**names(track), "track_name": f"{track.name} 2"}
    rows = labs(local, "spotify-id-from-metadata", loud, near).get_json()
    assert [bool(row["spotify_track_ids"]) for row in rows] == [True, False]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/1/stats/user/x", 404),
        ("POST", "/1/lb-radio/artist/x", 404),
        ("POST", "/similar-things/json", 404),
        ("GET", "/similar-recordings/json", 405),
        ("POST", "/spotify-id-from-somewhere/json", 404),
    ],
)
def test_what_is_not_played_is_not_there(local, method, path, status):
    assert local.http.open(path, method=method, json=[{}]).status_code == status


@pytest.mark.parametrize(
    ("service", "status", "header"),
    [
        ("listenbrainz", 429, "X-RateLimit-Reset-In"),
        ("listenbrainz_labs", 429, "X-RateLimit-Reset-In"),
        ("musicbrainz", 503, "Retry-After"),
    ],
)
def test_each_has_its_own_words_for_too_many_calls(local, service, status, header):
    local.fault(kind="rate_limit", service=service, seconds=9)
    answers = {
        "listenbrainz": lambda: radio(local, kino(local)),
        "listenbrainz_labs": lambda: labs(local, "spotify-id-from-metadata", names(known(local)[0])),
        "musicbrainz": lambda: isrc(local, known(local)[0].isrc),
    }
    answer = answers[service]()
    assert (answer.status_code, answer.headers[header]) == (status, "9")
    assert answers[service]().status_code == 200


def test_a_dead_id_takes_the_place_of_a_good_one(local):
    track = next(one for one in known(local) if share(one, NOT_INDEXED))
    local.fault(kind="dead_ids")
    rows = labs(local, "spotify-id-from-metadata", names(track)).get_json()
    assert rows[0]["spotify_track_ids"] == ["0" * 22]


def test_their_calls_are_listed_under_the_names_we_use(local):
    radio(local, kino(local))
    isrc(local, "GBAYE9701274")
    labs(local, "spotify-id-from-metadata", names(known(local)[0]))
    listed = local.http.get("/_sandbox/calls").get_json()
    assert [(row["service"], row["family"]) for row in listed] == [
        ("listenbrainz", "artist_radio"),
        ("musicbrainz", "recordings"),
        ("listenbrainz_labs", "spotify_ids"),
    ]
