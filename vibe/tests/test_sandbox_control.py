"""`/_sandbox/` and the pages for people."""

from __future__ import annotations

import pytest

from vibe.tests.sandbox_local import NOW, Local, uri


@pytest.fixture
def local() -> Local:
    local = Local()
    local.link()
    return local


def test_calls_are_listed_in_order_with_family_and_status(local):
    local.http.delete("/_sandbox/calls")
    local.get("me/tracks", limit=3)
    local.call("POST", "me/playlists", {"name": "x"})
    local.call("GET", "recommendations")
    local.http.get("/2.0/", query_string={"method": "artist.getSimilar", "artist": "кино", "api_key": "secret"})
    rows = local.http.get("/_sandbox/calls").get_json()
    assert [(row["service"], row["method"], row["family"], row["status"]) for row in rows] == [
        ("spotify", "GET", "library", 200),
        ("spotify", "POST", "playlist_write", 201),
        ("spotify", "GET", "recommendations", 403),
        ("lastfm", "GET", "similar_artists", 200),
    ]
    assert rows[0]["query"] == {"limit": "3"}
    assert rows[0]["at"].startswith("2026-11-22T08:00:00")
    assert "secret" not in str(rows)


def test_calls_can_be_forgotten_while_reading(local):
    assert len(local.http.get("/_sandbox/calls?clear=1").get_json()) == 2
    assert local.http.get("/_sandbox/calls").get_json() == []


def test_the_state_tells_what_was_made(local):
    made = local.playlist(description="For a test")
    local.call("POST", f"playlists/{made}/items", {"uris": [uri(12)]})
    state = local.http.get("/_sandbox/state").get_json()
    (playlist,) = state["playlists"]
    assert (playlist["owner"], playlist["description"], playlist["public"]) == ("anna", "For a test", False)
    assert playlist["tracks"][0]["name"] == "Группа крови"
    assert playlist["tracks"][0]["artists"] == ["Кино"]
    assert state["linked"].keys() == {"anna"}


def test_the_clock_moves_and_the_worlds_dates_do_not(local):
    before = local.get("me/tracks")["items"][0]["added_at"]
    answer = local.http.post("/_sandbox/clock", json={"now": "2026-11-22T08:30:00Z"})
    assert answer.get_json() == {"now": "2026-11-22T08:30:00+00:00"}
    assert local.get("me/tracks")["items"][0]["added_at"] == before
    local.call("PUT", "me/library", uris=uri(23))
    assert local.get("me/tracks")["items"][0]["added_at"] == "2026-11-22T08:30:00Z"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"now": "soon"}),
        ("clock", {}),
        ("clock", [1]),
        ("plays", {"listener": "zoe", "track": "x"}),
        ("plays", {"listener": "anna", "track": "T" + "0" * 21, "at": 5}),
        ("faults", {"kind": "earthquake"}),
        ("faults", {"kind": "odd_rows", "only": 2}),
        ("faults", "slow"),
        ("listeners", {"count": 1, "like": "anna", "likes": "T" + "0" * 21}),
        ("listeners", {"count": 1, "like": "anna", "plays": ["no such track"]}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(local, path, body):
    answer = local.http.post(f"/_sandbox/{path}", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["error"]


def test_broken_json_is_refused_with_a_reason(local):
    answer = local.http.post("/_sandbox/clock", data=b"{")
    assert answer.status_code == 400
    assert "no JSON" in answer.get_json()["error"]


def test_an_unknown_word_lists_the_known_ones(local):
    answer = local.http.get("/_sandbox/help")
    assert answer.status_code == 404
    assert "POST /_sandbox/faults" in answer.get_json()["error"]


def test_listeners_are_listed(local):
    assert local.http.get("/_sandbox/listeners").get_json()[0] == {
        "id": "anna",
        "account_id": "account-anna",
        "name": "Anna",
        "likes": 6,
        "plays": 7,
    }


def test_a_new_listener_may_have_likes_and_plays_of_his_own(local):
    ids = [one.removeprefix("spotify:track:") for one in (uri(5), uri(3))]
    sent = {"count": 1, "like": "anna", "likes": ids, "plays": []}
    [made] = local.http.post("/_sandbox/listeners", json=sent).get_json()["listeners"]
    local.link(made)
    likes = local.get("me/tracks")["items"]
    assert [row["track"]["id"] for row in likes] == ids
    assert likes[0]["added_at"] > likes[1]["added_at"]
    assert local.get("me/player/recently-played")["items"] == []
    assert len(local.sandbox.accounts["anna"].likes) == 6


def test_the_pages_show_what_was_made_with_awkward_names_kept_harmless(local):
    made = local.playlist(name="<script>alert(1)</script>", description="a & b")
    local.call("POST", f"playlists/{made}/items", {"uris": [uri(12)]})
    album = "/album/" + local.get("tracks/T" + "0" * 21)["album"]["id"]
    for path in ("/", "/listener/anna", f"/playlist/{made}", "/track/T" + "0" * 21, "/artist/A" + "0" * 21, album):
        answer = local.http.get(path)
        assert (answer.status_code, answer.mimetype) == (200, "text/html")
        assert "<script>" not in answer.get_data(as_text=True)
    shown = local.http.get("/listener/anna").get_data(as_text=True)
    assert "Группа крови" in shown
    assert "a &amp; b" in shown
    for path in ("/playlist/nope", "/listener/", "/nothing", "/album/x/y"):
        assert local.http.get(path).status_code == 404


def test_a_cover_that_was_uploaded_can_be_looked_at(local):
    made = local.playlist()
    path = f"/v1/playlists/{made}/images"
    local.http.put(path, data="/9j/4AAQ", headers=local.headers | {"Content-Type": "image/jpeg"})
    url = local.http.get(path, headers=local.headers).get_json()[0]["url"]
    assert local.http.get(url).get_data() == b"\xff\xd8\xff\xe0\x00\x10"
    assert local.http.get("/_sandbox/cover/nope").status_code == 404


def test_control_has_no_latency_and_vendors_have(local, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr("vibe.sandbox.server.time.sleep", slept.append)
    local.sandbox.latency = 0.25
    local.http.get("/_sandbox/state")
    local.http.get("/")
    assert slept == []
    local.get("me")
    assert slept == [0.25]


def test_now_is_told(local):
    assert local.http.get("/_sandbox/clock").get_json() == {"now": NOW.isoformat()}
