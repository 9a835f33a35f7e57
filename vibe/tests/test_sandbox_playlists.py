"""Playlists at the pretend Spotify."""

from __future__ import annotations

import pytest

from vibe.tests.sandbox_local import Local, message, uri


@pytest.fixture(params=[False, True], ids=["development", "extended"])
def local(request) -> Local:
    local = Local(extended=request.param)
    local.link()
    return local


@pytest.fixture
def development() -> Local:
    local = Local()
    local.link()
    return local


def fill(local: Local, *numbers: int) -> str:
    made = local.playlist()
    assert local.call("POST", f"playlists/{made}/items", {"uris": [uri(n) for n in numbers]}).status_code == 201
    return made


def test_a_playlist_is_public_unless_it_is_said_otherwise(local):
    made = local.call("POST", "me/playlists", {"name": "Open"}).get_json()
    assert made["public"] is True
    assert local.get(f"playlists/{local.playlist()}")["public"] is False


def test_the_contents_stand_under_the_key_of_the_mode(local):
    made = fill(local, 0)
    row = local.get(f"playlists/{made}/items")["items"][0]
    whole, listed = local.get(f"playlists/{made}"), local.get("me/playlists")["items"][0]
    if local.sandbox.extended:
        assert row["track"]["name"] == "Xtal"
        assert "item" not in row
        assert (whole["tracks"]["total"], listed["tracks"]["total"]) == (1, 1)
    else:
        assert (row["item"]["name"], row["item"]["track"]) == ("Xtal", True)
        assert "track" not in row
        assert (whole["items"]["total"], listed["items"]["total"]) == (1, 1)


def test_items_are_added_at_the_end_or_where_it_is_said(local):
    made = fill(local, 0, 1)
    local.call("POST", f"playlists/{made}/items", {"uris": [uri(2)], "position": 0})
    local.call("POST", f"playlists/{made}/items", [uri(3)])  # spotipy's bare array
    local.call("POST", f"playlists/{made}/items", uris=uri(4), position=1)
    assert local.titles(made) == ["Heliosphan", "Roygbiv", "Xtal", "Ageispolis", "Rhubarb"]


def test_replacing_overwrites_everything_and_may_empty(local):
    made = fill(local, 0, 1, 2)
    assert local.call("PUT", f"playlists/{made}/items", {"uris": [uri(5)]}).status_code == 200
    assert local.titles(made) == ["Olson"]
    local.call("PUT", f"playlists/{made}/items", {"uris": []})
    assert local.titles(made) == []


@pytest.mark.parametrize(
    ("start", "before", "length", "order"),
    [(0, 2, 1, "1023"), (0, 4, 1, "1230"), (3, 0, 1, "3012"), (1, 0, 2, "1203"), (1, 2, 2, "0123"), (0, 0, 4, "0123")],
)
def test_a_range_is_moved(local, start, before, length, order):
    made = fill(local, 0, 1, 2, 3)
    body = {"range_start": start, "insert_before": before, "range_length": length}
    assert local.call("PUT", f"playlists/{made}/items", body).status_code == 200
    names = ["Xtal", "Ageispolis", "Heliosphan", "Rhubarb"]
    assert local.titles(made) == [names[int(n)] for n in order]


def test_every_take_of_a_track_is_removed(local):
    made = fill(local, 0, 1, 0)
    assert local.call("DELETE", f"playlists/{made}/items", {"items": [{"uri": uri(0)}]}).status_code == 200
    assert local.titles(made) == ["Ageispolis"]


def test_each_change_has_a_snapshot_of_its_own(local):
    made = local.playlist()
    snapshots = [
        local.call("POST", f"playlists/{made}/items", {"uris": [uri(n)]}).get_json()["snapshot_id"] for n in range(3)
    ]
    assert len(set(snapshots)) == 3


def test_details_can_be_changed(local):
    made = local.playlist()
    assert local.call("PUT", f"playlists/{made}", {"name": "New", "description": "Words"}).status_code == 200
    assert (local.get(f"playlists/{made}")["name"], local.get(f"playlists/{made}")["description"]) == ("New", "Words")


@pytest.mark.parametrize("description", ["two\nlines", "x" * 301])
def test_a_description_is_one_line_of_at_most_300_letters(local, description):
    assert local.call("POST", "me/playlists", {"name": "x", "description": description}).status_code == 400
    assert local.call("PUT", f"playlists/{local.playlist()}", {"description": description}).status_code == 400


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": 5}, {"name": "x", "public": "no"}, [], "text", 7])
def test_a_playlist_without_a_proper_name_is_refused(local, body):
    assert local.call("POST", "me/playlists", body).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"uris": [f"spotify:track:{'0' * 22}"]},
        {"uris": ["spotify:episode:1"]},
        {"uris": [None]},
        {"uris": uri(0)},
        {"uris": [uri(0)], "position": 5},
        {"uris": [uri(0)], "position": True},
        {},
        "x",
    ],
)
def test_what_cannot_be_added_changes_nothing(local, body):
    made = fill(local, 1)
    assert local.call("POST", f"playlists/{made}/items", body).status_code == 400
    assert local.titles(made) == ["Ageispolis"]


def test_a_hundred_at_a_time(local):
    made = local.playlist()
    assert local.call("POST", f"playlists/{made}/items", {"uris": [uri(0)] * 100}).status_code == 201
    assert local.call("POST", f"playlists/{made}/items", {"uris": [uri(0)] * 101}).status_code == 400
    assert local.get(f"playlists/{made}/items")["total"] == 100


def test_strangers_see_no_items_of_a_development_app(development):
    made = fill(development, 0)
    development.link("boris")
    assert "items" not in development.get(f"playlists/{made}")
    assert message(development.call("GET", f"playlists/{made}/items")) == (403, "Forbidden")


def test_strangers_change_nothing(local):
    made = fill(local, 0)
    local.link("boris")
    for method in ("POST", "PUT", "DELETE"):
        assert message(local.call(method, f"playlists/{made}/items", {"uris": []})) == (403, "Forbidden")
    assert message(local.call("PUT", f"playlists/{made}", {"name": "Mine"})) == (403, "Forbidden")


def test_the_visibility_decides_which_scope_is_needed():
    local = Local()
    local.link(scopes="playlist-modify-private playlist-read-private")
    made = fill(local, 0)
    assert message(local.call("POST", "me/playlists", {"name": "Open"})) == (403, "Insufficient client scope")
    assert local.titles(made) == ["Xtal"]


def test_unfollowing_hides_a_playlist_and_keeps_its_content(local):
    made = fill(local, 0)
    assert local.call("DELETE", "me/library", uris=f"spotify:playlist:{made}").status_code == 200
    assert local.get("me/playlists")["items"] == []
    assert local.titles(made) == ["Xtal"]
    assert local.http.get("/_sandbox/state").get_json()["playlists"][0]["followed"] is False


def test_following_again_fails_as_it_does_at_spotify(development):
    assert development.call("PUT", "me/library", uris=f"spotify:playlist:{development.playlist()}").status_code == 500


def test_the_old_routes_work_for_old_apps():
    local = Local(extended=True)
    local.link()
    made = local.call("POST", "users/anna/playlists", {"name": "Old"}).get_json()["id"]
    local.call("POST", f"playlists/{made}/tracks", {"uris": [uri(0), uri(1)]})
    local.call("DELETE", f"playlists/{made}/tracks", {"tracks": [{"uri": uri(0)}]})
    assert local.get(f"playlists/{made}/tracks")["items"][0]["track"]["name"] == "Ageispolis"
    local.call("DELETE", f"playlists/{made}/followers")
    assert local.get("me/playlists")["total"] == 0
    local.call("PUT", f"playlists/{made}/followers")
    assert local.get("me/playlists")["total"] == 1
    assert local.call("POST", "users/boris/playlists", {"name": "Not mine"}).status_code == 403


def test_fields_pick_what_is_told(development):
    made = fill(development, 0, 1)
    picked = development.get(f"playlists/{made}", fields="name,owner.id,items(total,items(item(name)))")
    assert picked == {
        "name": "Daily",
        "owner": {"id": "anna"},
        "items": {"total": 2, "items": [{"item": {"name": "Xtal"}}, {"item": {"name": "Ageispolis"}}]},
    }


@pytest.mark.parametrize("fields", ["items(", "a))", "(", "a b", ",", "a..b", "items(a", "name)"])
def test_fields_nobody_can_read_are_refused(development, fields):
    assert development.call("GET", f"playlists/{development.playlist()}", fields=fields).status_code == 400


def test_a_cover_is_base64_of_a_jpeg_of_at_most_256_kb(local):
    path = f"/v1/playlists/{local.playlist()}/images"

    def upload(data: str) -> int:
        headers = local.headers | {"Content-Type": "image/jpeg"}
        return int(local.http.put(path, data=data, headers=headers).status_code)

    assert upload("/9j/4AAQ") == 202
    assert local.http.get(path, headers=local.headers).get_json()[0]["url"]
    assert upload("/9j/4AAQ\n") == 400
    assert upload("data:image/jpeg;base64,/9j/") == 400
    assert upload("/9j/" + "A" * 262144) == 413
