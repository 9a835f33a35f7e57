"""The Web API of the sandbox: what a listener has, what can be looked up, and what each mode refuses."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from vibe.tests.sandbox_local import NOW, Local, message, uri

XTAL, APHEX = uri(0).rsplit(":", 1)[1], f"A{0:021}"


@pytest.fixture
def local() -> Local:
    local = Local()
    local.link()
    return local


@pytest.fixture
def extended() -> Local:
    local = Local(extended=True)
    local.link()
    return local


def test_the_profile_is_that_of_the_mode(local, extended):
    lost = {"country", "email", "explicit_content", "followers", "product"}
    assert local.get("me/")["account_id"] == "account-anna"
    assert not lost & local.get("me").keys()
    assert lost <= extended.get("me").keys()


def test_likes_come_newest_first_under_the_old_key(local):
    page = local.get("me/tracks", limit=2, offset=1)
    assert [row["track"]["name"] for row in page["items"]] == ["Ageispolis", "Heliosphan"]
    assert page["total"] == 6
    assert page["next"] == "http://localhost/v1/me/tracks?offset=3&limit=2"
    assert page["previous"].endswith("offset=0&limit=2")
    assert local.get("me/tracks", offset=4)["next"] is None


def test_an_album_has_a_cover_of_its_own_in_each_size(local):
    images = local.get(f"tracks/{XTAL}")["album"]["images"]
    assert [image["width"] for image in images] == [640, 300, 64]
    answers = [local.http.get(urlsplit(image["url"]).path) for image in images]
    assert {answer.mimetype for answer in answers} == {"image/svg+xml"}
    assert len({answer.data for answer in answers}) == 1
    other = local.get(f"tracks/{uri(4).rsplit(':', 1)[1]}")["album"]["images"][0]["url"]
    assert local.http.get(urlsplit(other).path).data != answers[0].data


def test_a_development_app_sees_less_of_a_track(local, extended):
    lost = {"popularity", "available_markets"}
    track = local.get(f"tracks/{XTAL}")
    assert not lost & (track.keys() | track["album"].keys())
    assert lost <= extended.get(f"tracks/{XTAL}").keys()
    assert track["external_ids"] == {"isrc": "QZ0002600000"}


def test_only_the_last_fifty_plays_are_remembered(local):
    for number in range(60):
        local.http.post(
            "/_sandbox/plays",
            json={"listener": "anna", "track": XTAL, "at": (NOW - timedelta(minutes=number)).isoformat()},
        )
    newest = local.get("me/player/recently-played", limit=50)
    assert len(newest["items"]) == 50
    assert newest["next"] is None
    beyond = local.get("me/player/recently-played", limit=50, before=newest["cursors"]["before"])
    assert (beyond["items"], beyond["cursors"]) == ([], None)


def test_cursors_of_plays_are_exclusive(local):
    first = local.get("me/player/recently-played", limit=3)
    rest = local.get("me/player/recently-played", limit=50, before=first["cursors"]["before"])
    again = local.get("me/player/recently-played", after=rest["cursors"]["after"])
    times = [row["played_at"] for row in first["items"] + rest["items"]]
    assert len(set(times)) == 7
    assert [row["played_at"] for row in again["items"]] == times[:3]


def test_a_play_says_where_it_came_from(local):
    body = {"listener": "anna", "track": XTAL, "context": "spotify:playlist:abc"}
    local.http.post("/_sandbox/plays", json=body)
    rows = local.get("me/player/recently-played")["items"]
    assert (rows[0]["context"]["uri"], rows[0]["context"]["type"]) == ("spotify:playlist:abc", "playlist")
    assert rows[1]["context"] is None


def test_favourites_are_those_of_the_world(local):
    assert len(local.get("me/top/tracks", time_range="short_term")["items"]) == 5
    assert [row["name"] for row in local.get("me/top/artists")["items"]] == ["Aphex Twin", "Boards of Canada"]


def test_followed_artists_are_paged_by_cursor(local):
    first = local.get("me/following", type="artist", limit=1)["artists"]
    second = local.get("me/following", type="artist", limit=1, after=first["cursors"]["after"])["artists"]
    assert [row["name"] for row in first["items"] + second["items"]] == ["Aphex Twin", "Boards of Canada"]
    assert second["next"] is None


def test_liking_and_unliking_go_through_the_library(local):
    assert local.call("PUT", "me/library", uris=f"{uri(23)},{uri(0)}").status_code == 200
    rows = local.get("me/tracks")
    assert (rows["total"], rows["items"][0]["track"]["name"]) == (7, "Hells Bells")
    assert local.get("me/library/contains", uris=f"{uri(23)},{uri(22)}") == [True, False]
    local.call("DELETE", "me/library", uris=uri(23))
    assert local.get("me/library/contains", uris=uri(23)) == [False]


def test_the_library_takes_its_uris_from_the_query_alone(local):
    answer = local.call("DELETE", "me/library", {"uris": [uri(0)]})
    assert message(answer) == (400, "Missing required field: uris")
    assert local.call("PUT", "me/library", uris=",".join([uri(0)] * 41)).status_code == 400
    assert local.call("PUT", "me/library", uris="spotify:user:anna").status_code == 400


def test_an_empty_answer_says_nothing_about_its_type(local):
    answer = local.call("PUT", "me/library", uris=uri(1))
    assert answer.get_data() == b""
    assert "Content-Type" not in answer.headers


def test_search_gives_five_and_at_most_ten(local, extended):
    assert len(local.get("search", q="artist:кино", type="track")["tracks"]["items"]) == 4
    assert local.get("search", q="album", type="track")["tracks"]["limit"] == 5
    assert message(local.call("GET", "search", q="x", type="track", limit=11)) == (400, "Invalid limit")
    assert extended.get("search", q="album", type="track", limit=50)["tracks"]["limit"] == 50
    assert local.get("search", q="album", type="track,artist,show").keys() == {"tracks", "artists", "shows"}


@pytest.mark.parametrize(
    "query", [{"type": "track"}, {"q": "x"}, {"q": "x", "type": "song"}, {"q": " ", "type": "track"}]
)
def test_search_needs_a_question_and_a_type(local, query):
    assert local.call("GET", "search", **query).status_code == 400


def test_albums_of_an_artist_come_ten_at_a_time(local):
    page = local.get(f"artists/{APHEX}/albums", limit=1)
    assert (len(page["items"]), page["total"]) == (1, 2)
    assert message(local.call("GET", f"artists/{APHEX}/albums", limit=20)) == (400, "Invalid limit")
    assert local.get(f"artists/{APHEX}/albums", include_groups="appears_on")["items"] == []
    assert local.call("GET", f"artists/{APHEX}/albums", include_groups="mixtape").status_code == 400


def test_an_albums_tracks_have_no_isrc(local):
    album = local.get(f"tracks/{XTAL}")["album"]["id"]
    rows = local.get(f"albums/{album}/tracks/")["items"]
    assert [row["name"] for row in rows] == ["Xtal", "Ageispolis"]
    assert not {"external_ids", "album"} & rows[0].keys()
    assert [row["name"] for row in local.get(f"albums/{album}")["tracks"]["items"]] == ["Xtal", "Ageispolis"]


@pytest.mark.parametrize(
    "path", ["tracks/nope", "artists/nope", "artists/nope/albums", "albums/nope", "playlists/nope"]
)
def test_an_unknown_id_is_404_with_an_empty_body(local, path):
    answer = local.call("GET", path)
    assert (answer.status_code, answer.get_data()) == (404, b"")


@pytest.mark.parametrize(
    "route",
    [
        *("GET recommendations", f"GET artists/{APHEX}/top-tracks", f"GET artists/{APHEX}/related-artists"),
        *("GET tracks", "GET albums", "GET artists", "GET markets", "GET browse/new-releases", "GET users/anna"),
        *("POST users/anna/playlists", "GET playlists/x/tracks", "POST playlists/x/tracks", "PUT playlists/x/tracks"),
        *("DELETE playlists/x/tracks", "DELETE playlists/x/followers", "PUT playlists/x/followers", "PUT me/tracks"),
        *("GET me/tracks/contains", "PUT me/following", "GET audio-features", "GET me/albums"),
    ],
)
def test_what_development_mode_lost_is_forbidden(local, route):
    method, path = route.split()
    assert message(local.call(method, path)) == (403, "Forbidden")


def test_a_path_spotify_never_had_is_no_lost_one(local):
    assert local.call("GET", "nothing/here").status_code == 404
    assert local.call("PATCH", "search").status_code == 405


def test_old_apps_still_have_their_routes(extended):
    assert extended.get("recommendations", seed_tracks=XTAL, limit=3)["tracks"][0]["name"] == "Ageispolis"
    assert extended.get("recommendations", seed_artists=APHEX, seed_genres="idm")["tracks"]
    assert extended.get(f"artists/{APHEX}/top-tracks")["tracks"][0]["name"] == "Xtal"
    assert extended.get("tracks", ids=f"{XTAL},nope")["tracks"][1] is None
    assert extended.get(f"artists/{APHEX}")["genres"] == ["idm"]


@pytest.mark.parametrize("seeds", [{}, {"seed_tracks": ",".join([XTAL] * 6)}, {"seed_tracks": "nope"}])
def test_recommendations_take_one_to_five_known_seeds(extended, seeds):
    assert extended.call("GET", "recommendations", **seeds).status_code in (400, 404)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic abc"])
def test_without_a_good_token_nothing_is_told(local, header):
    local.headers = {"Authorization": header}
    answer = local.call("GET", "me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "route",
    [
        *("GET me/tracks", "GET me/player/recently-played", "GET me/top/tracks", "GET me/following?type=artist"),
        *("GET me/playlists", f"PUT me/library?uris={uri(0)}", f"GET me/library/contains?uris={uri(0)}"),
        "POST me/playlists",
    ],
)
def test_a_scope_nobody_granted_is_missing(route):
    local = Local()
    local.link(scopes="user-read-email")
    method, path = route.split()
    answer = local.call(method, path, json={"name": "x"} if method == "POST" else None)
    assert message(answer) == (403, "Insufficient client scope")


@pytest.mark.parametrize(("name", "value"), [("limit", "51"), ("limit", "0"), ("limit", "many"), ("offset", "-1")])
def test_a_page_out_of_range_is_refused(local, name, value):
    assert message(local.call("GET", "me/tracks", **{name: value})) == (400, f"Invalid {name}")
