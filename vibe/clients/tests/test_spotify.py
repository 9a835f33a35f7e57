from __future__ import annotations

import json
import logging
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from responses import RequestsMock, matchers

from vibe.clients.errors import Gone, NeedsReconnect, NotAllowed, QuotaExceeded, RateLimited, ServiceError, TokenExpired
from vibe.clients.http import BACKOFF, TIMEOUT
from vibe.clients.spotify import SpotifyClient
from vibe.clients.tests.conftest import NOW
from vibe.clients.tests.server import Answer, serving
from vibe.clients.types import Album

API = "https://api.spotify.com/v1/"
TRACK = {"type": "track", "id": "t1", "uri": "spotify:track:t1", "name": "Song", "artists": [{"id": "a1", "name": "A"}]}
FORBIDDEN = {"error": {"status": 403, "message": "Forbidden"}}
EXPIRED = {"error": {"status": 401, "message": "The access token expired"}}


@pytest.fixture(autouse=True)
def _public_address(settings):
    settings.SPOTIFY_API_URL = API
    settings.SPOTIFY_DEFAULT_MARKET = ""


@pytest.fixture
def client(meter) -> SpotifyClient:
    return SpotifyClient("token-1", meter)


def query(call: Any) -> dict[str, str]:
    params: dict[str, str] = call.request.params
    return params


def body(call: Any) -> Any:
    return json.loads(call.request.body)


def uris(count: int) -> list[str]:
    return [f"spotify:track:{n:04}" for n in range(count)]


def test_me_is_read_with_the_bearer_token_and_time_outs(web, client, meter):
    web.get(API + "me/", json={"account_id": "acc", "id": "u1"})
    assert client.me().account_id == "acc"
    assert web.calls[0].request.headers["Authorization"] == "Bearer token-1"
    assert web.calls[0].request.req_kwargs["timeout"] == TIMEOUT
    assert meter.calls == {("spotify", "me"): 1}


def test_likes_come_fifty_at_a_time_without_a_market(web, meter):
    client = SpotifyClient("token-1", meter, market="DE")
    web.get(API + "me/tracks", json={"items": [{"added_at": "2026-11-01T00:00:00Z", "track": TRACK}], "total": 51})
    page = client.saved_page(50)
    assert (page.rows, page.total) == (1, 51)
    assert query(web.calls[0]) == {"limit": "50", "offset": "50"}


def test_the_last_fifty_plays_are_asked_for(web, client):
    web.get(API + "me/player/recently-played", json={"items": [], "next": None, "cursors": None})
    assert client.recently_played() == ()
    assert query(web.calls[0]) == {"limit": "50"}


@pytest.mark.parametrize(("asked", "sent"), [(5, "5"), (10, "10"), (50, "10")])
def test_a_search_never_asks_for_more_than_ten(web, client, asked, sent):
    web.get(API + "search", json={"tracks": {"items": [None, TRACK]}})
    assert [track.id for track in client.search_tracks('track:"Song" artist:"A"', asked)] == ["t1"]
    assert query(web.calls[0]) == {"q": 'track:"Song" artist:"A"', "limit": sent, "offset": "0", "type": "track"}


def test_an_artists_albums_are_asked_ten_at_a_time_by_market(web, meter):
    client = SpotifyClient("token-1", meter, market="DE")
    web.get(API + "artists/a1/albums", json={"items": [{"id": "b1", "name": "B", "release_date": "1999"}]})
    assert client.artist_albums("a1") == (Album("b1", "B", 1999),)
    assert query(web.calls[0]) == {"include_groups": "album,single", "limit": "10", "market": "DE"}


def test_tracks_of_an_album_are_read(web, client):
    web.get(API + "albums/b1/tracks/", json={"items": [TRACK]})
    assert [track.album for track in client.album_tracks("b1")] == [""]


@pytest.mark.parametrize(("own", "sent"), [("", "DE"), ("FR", "FR")])
@pytest.mark.parametrize(
    ("path", "ask"),
    [
        ("search", lambda client: client.search_tracks("q")),
        ("albums/b1/tracks/", lambda client: client.album_tracks("b1")),
        ("artists/a1/top-tracks", lambda client: client.artist_top_tracks("a1")),
        ("recommendations", lambda client: client.recommendations(["t1"])),
    ],
)
def test_the_catalogue_is_asked_for_the_listeners_market_or_the_configured(web, meter, settings, path, ask, own, sent):
    settings.SPOTIFY_DEFAULT_MARKET = "DE"
    web.get(API + path, json={"items": [], "tracks": {"items": []} if path == "search" else []})
    ask(SpotifyClient("token-1", meter, market=own))
    assert query(web.calls[0])["market"] == sent


def test_an_id_that_is_none_is_refused_before_any_call(web, client):
    with pytest.raises(ServiceError) as refused:
        client.artist_albums("../me")
    assert (refused.value.code, refused.value.permanent, len(web.calls)) == ("bad_request", True, 0)


@pytest.mark.parametrize("status", [403, 404])
def test_a_removed_route_is_gone_and_not_asked_again_in_this_run(web, client, meter, status):
    web.get(API + "artists/a1/top-tracks", status=status, json=FORBIDDEN if status == 403 else None)
    for _ in range(2):
        with pytest.raises(Gone) as refused:
            client.artist_top_tracks("a1")
        assert refused.value.capability == "artist_top_tracks"
    assert len(web.calls) == 1
    assert meter.capabilities == {("spotify", "artist_top_tracks"): False}


def test_a_route_that_an_older_app_still_has_is_used(web, client, meter):
    web.get(API + "recommendations", json={"seeds": [], "tracks": [{**TRACK, "popularity": 61}]})
    assert [track.popularity for track in client.recommendations([*"abcdefg"], limit=100)] == [61]
    assert query(web.calls[0]) == {"seed_tracks": "a,b,c,d,e", "limit": "100"}
    assert meter.capabilities == {("spotify", "recommendations"): True}


def test_an_unknown_artist_does_not_make_the_route_gone(web, client, meter):
    web.get(API + "artists/a1/top-tracks", status=404, json={"error": {"status": 404, "message": "Resource not found"}})
    with pytest.raises(ServiceError) as refused:
        client.artist_top_tracks("a1")
    assert (refused.value.code, type(refused.value), meter.capabilities) == ("not_found", ServiceError, {})


def test_an_unregistered_user_does_not_make_a_route_gone(web, client, meter):
    text = "Check settings on developer.spotify.com/dashboard, the user may not be registered."
    web.get(API + "recommendations", status=403, json={"error": {"status": 403, "message": text}})
    with pytest.raises(NotAllowed):
        client.recommendations(["t1"])
    assert meter.capabilities == {}


def test_a_wordless_403_elsewhere_is_a_plain_refusal(web, client, meter):
    web.get(API + "playlists/p1/items", status=403, json=FORBIDDEN)
    with pytest.raises(ServiceError) as refused:
        client.playlist_uris("p1")
    assert (refused.value.code, refused.value.permanent, meter.capabilities) == ("forbidden", True, {})
    assert not isinstance(refused.value, Gone)


@pytest.mark.parametrize("public", [True, False])
def test_a_playlist_is_created_in_my_own_name_with_its_visibility(web, client, public):
    web.post(API + "me/playlists", status=201, json={"id": "p1", "name": "Vibe"})
    assert client.create_playlist("Vibe", "One line\nand  another", public).id == "p1"
    sent = {"name": "Vibe", "public": public, "collaborative": False, "description": "One line and another"}
    assert body(web.calls[0]) == sent


def test_a_description_is_cut_to_what_spotify_takes(web, client):
    web.post(API + "me/playlists", status=201, json={"id": "p1"})
    client.create_playlist("Vibe", "x" * 400, public=False)
    assert len(body(web.calls[0])["description"]) == 300


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 500, "body": "<html>"}, "unavailable"),
        ({"status": 502, "body": "<html>"}, "unavailable"),
        ({"body": requests.ReadTimeout("https://api.spotify.com/v1/me/playlists")}, "timeout"),
        ({"body": requests.ConnectionError("reset")}, "connection"),
        ({"status": 201, "body": "not json"}, "malformed"),
    ],
)
def test_a_playlist_that_may_have_been_created_is_never_created_twice(web, client, answer, code):
    web.post(API + "me/playlists", **answer)
    with pytest.raises(ServiceError) as refused:
        client.create_playlist("Vibe", "", public=False)
    assert (refused.value.code, refused.value.permanent, len(web.calls)) == (code, False, 1)


def test_tracks_are_added_a_hundred_at_a_time_as_the_documentation_says(web, client, meter):
    web.post(API + "playlists/p1/items", status=201, json={"snapshot_id": "s"})
    client.add_items("p1", uris(250))
    assert [body(call) for call in web.calls] == [
        {"uris": uris(250)[:100]},
        {"uris": uris(250)[100:200]},
        {"uris": uris(250)[200:]},
    ]
    assert meter.calls == {("spotify", "playlist_write"): 3}


def test_tracks_that_may_have_been_added_are_never_added_twice(web, client):
    web.post(API + "playlists/p1/items", body=requests.ReadTimeout())
    with pytest.raises(ServiceError):
        client.add_items("p1", uris(2))
    assert len(web.calls) == 1


def test_replacing_puts_the_first_hundred_and_adds_the_rest(web, client):
    web.put(API + "playlists/p1/items", json={"snapshot_id": "s"})
    web.post(API + "playlists/p1/items", status=201, json={"snapshot_id": "s"})
    client.replace_items("p1", uris(130))
    assert [(call.request.method, len(body(call)["uris"])) for call in web.calls] == [("PUT", 100), ("POST", 30)]


def test_replacing_by_nothing_clears(web, client):
    web.put(API + "playlists/p1/items", json={"snapshot_id": "s"})
    client.replace_items("p1", [])
    assert [body(call) for call in web.calls] == [{"uris": []}]


def test_replacing_is_repeated_after_a_passing_failure(web, client):
    web.put(API + "playlists/p1/items", status=502)
    web.put(API + "playlists/p1/items", json={"snapshot_id": "s"})
    client.replace_items("p1", uris(3))
    assert len(web.calls) == 2


def test_a_playlist_is_read_back_by_offset_whatever_its_next_link_says(web, client):
    def page(first: int, last: int) -> dict[str, Any]:
        rows = [{"item": {"uri": uri, "track": True}} for uri in uris(last)[first:]]
        return {"items": rows, "total": 100, "next": "https://elsewhere.example/steal"}

    for offset, last in ((0, 50), (50, 100)):
        answer = page(offset, last)
        web.get(API + "playlists/p1/items", json=answer, match=[at_offset(offset)])
    assert client.playlist_uris("p1") == tuple(uris(100))
    assert len(web.calls) == 2


def at_offset(offset: int) -> Any:
    wanted = {"offset": str(offset), "limit": "50"}
    return matchers.query_param_matcher(wanted, strict_match=False)


def test_my_playlists_are_read(web, client):
    web.get(API + "me/playlists", json={"items": [None, {"id": "p1", "name": "Vibe", "description": "#7"}]})
    assert [playlist.description for playlist in client.my_playlists()] == ["#7"]
    assert query(web.calls[0]) == {"limit": "50", "offset": "0"}


@pytest.mark.parametrize(("pages", "read"), [(1, 50), (2, 100), (4, 120)])
def test_no_more_pages_of_my_playlists_are_read_than_asked_for_or_there_are(web, client, pages, read):
    for offset in (0, 50, 100):
        rows = [{"id": f"p{n}", "name": "Vibe"} for n in range(offset, min(offset + 50, 120))]
        if offset < read:
            web.get(API + "me/playlists", json={"items": rows, "total": 120}, match=[at_offset(offset)])
    assert len(client.my_playlists(pages=pages)) == read


def test_a_list_that_moved_between_two_pages_counts_once(web, client):
    for offset, ids in ((0, range(50)), (50, range(49, 60))):
        rows = {"items": [{"id": f"p{n}"} for n in ids], "total": 61}
        web.get(API + "me/playlists", json=rows, match=[at_offset(offset)])
    assert len(client.my_playlists(pages=4)) == 60


def test_a_playlist_is_looked_at_without_its_tracks(web, client):
    web.get(API + "playlists/p1", json={"id": "p1", "name": "Mine", "description": "a &amp; b"})
    found = client.playlist("p1")
    assert (found.name, found.description) == ("Mine", "a & b")
    assert "items" not in query(web.calls[0])["fields"]


@pytest.mark.parametrize("there", [True, False])
def test_the_library_is_asked_for_one_playlist_by_query(web, client, there):
    web.get(API + "me/library/contains", json=[there])
    assert client.has_playlist("p1") is there
    assert query(web.calls[0]) == {"uris": "spotify:playlist:p1"}


@pytest.mark.parametrize(
    ("status", "message"), [(403, "Forbidden"), (404, ""), (403, "Insufficient client scope")], ids=str
)
def test_where_the_library_does_not_answer_for_playlists_nothing_is_known(web, client, status, message):
    web.get(API + "me/library/contains", status=status, json={"error": {"status": status, "message": message}})
    assert client.has_playlist("p1") is None


@pytest.mark.parametrize("odd", [[], [True, False], {"items": []}, ["yes"]], ids=str)
def test_an_answer_that_is_neither_yes_nor_no_is_malformed(web, client, odd):
    web.get(API + "me/library/contains", json=odd)
    with pytest.raises(ServiceError) as refused:
        client.has_playlist("p1")
    assert refused.value.code == "malformed"


def test_a_description_is_written_on_one_line_and_the_name_is_left_alone(web, client):
    web.put(API + "playlists/p1", status=502)
    web.put(API + "playlists/p1", status=200)
    client.describe_playlist("p1", "two\nlines")
    assert [body(call) for call in web.calls] == [{"description": "two lines"}] * 2


def test_a_playlist_is_unfollowed_through_the_library_by_query(web, client, meter):
    web.delete(API + "me/library", status=200)
    client.unfollow("p1")
    assert query(web.calls[0]) == {"uris": "spotify:playlist:p1"}
    assert not web.calls[0].request.body
    assert meter.capabilities == {}


@pytest.mark.parametrize("status", [403, 404])
def test_an_older_app_unfollows_by_the_older_route_and_remembers_it(web, client, meter, status):
    web.delete(API + "me/library", status=status)
    web.delete(API + "playlists/p1/followers", status=200)
    client.unfollow("p1")
    client.unfollow("p1")
    paths = [call.request.path_url.partition("?")[0] for call in web.calls]
    assert paths == ["/v1/me/library", *["/v1/playlists/p1/followers"] * 2]
    assert meter.capabilities == {("spotify", "library_uris"): False}


def test_a_playlist_that_neither_route_takes_says_nothing_of_the_routes(web, client, meter):
    web.delete(API + "me/library", status=404)
    web.delete(API + "playlists/p1/followers", status=403, json=FORBIDDEN)
    with pytest.raises(ServiceError) as refused:
        client.unfollow("p1")
    assert (refused.value.code, refused.value.permanent, meter.capabilities) == ("forbidden", True, {})


def test_a_route_known_gone_keeps_the_day_it_was_probed(web, client, meter):
    meter.capabilities["spotify", "library_uris"] = False
    web.delete(API + "playlists/p1/followers", status=200)
    client.unfollow("p1")
    assert meter.probed == set()


def test_a_missing_scope_is_no_reason_to_try_the_older_route(web, client):
    web.delete(API + "me/library", status=403, json={"error": {"message": "Insufficient client scope"}})
    with pytest.raises(NotAllowed) as refused:
        client.unfollow("p1")
    assert (refused.value.kind, len(web.calls)) == ("scope", 1)


def test_a_passing_failure_of_a_read_is_repeated_and_named_as_it_was(web, client, time, meter):
    web.get(API + "me/", status=503, body="<html>")
    with pytest.raises(ServiceError) as refused:
        client.me()
    assert (refused.value.code, refused.value.status, refused.value.permanent) == ("unavailable", 503, False)
    assert (time.slept, meter.calls["spotify", "me"]) == (list(BACKOFF), 3)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (requests.ReadTimeout("https://api.spotify.com/v1/me/"), "timeout"),
        (requests.ConnectTimeout(), "timeout"),
        (requests.ConnectionError("Max retries exceeded with url: /v1/me/"), "connection"),
        (requests.exceptions.ChunkedEncodingError(), "connection"),
        (requests.exceptions.SSLError(), "connection"),
    ],
)
def test_a_broken_transport_is_a_typed_error_without_an_address(web, client, broken, code):
    web.get(API + "me/", body=broken)
    with pytest.raises(ServiceError) as refused:
        client.me()
    assert refused.value.code == code
    assert str(refused.value) == f"spotify: {code}"
    # Not even in a printed traceback: the library's text holds the address, and Telegram's address the token.
    assert "/v1/me/" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("text", ["", "not json", "[]", "null", '"words"', "{}"])
def test_an_answer_that_is_no_answer_is_malformed(web, client, text):
    web.get(API + "me/tracks", body=text)
    with pytest.raises(ServiceError) as refused:
        client.saved_page(0)
    assert (refused.value.code, refused.value.permanent) == ("malformed", False)


def test_an_error_in_the_words_of_the_accounts_service_is_survived(web, client):
    web.get(API + "me/", status=400, json={"error": "invalid_request", "error_description": "x"})
    with pytest.raises(ServiceError) as refused:
        client.me()
    assert refused.value.code == "bad_request"


def test_the_session_neither_sleeps_nor_repeats_below_the_meter(client, meter, settings, time):
    with serving(lambda asked: Answer("<html>", status=503, headers={"Retry-After": "3600"})) as server:
        settings.SPOTIFY_API_URL = f"{server.url}/v1/"
        with pytest.raises(ServiceError):
            client.me()
        with pytest.raises(ServiceError):
            client.create_playlist("Vibe", "", public=False)
    assert [asked.method for asked in server.asked] == ["GET", "GET", "GET", "POST"]
    assert meter.calls.total() == 4


def test_a_short_429_is_waited_out_once_even_for_a_write(web, client, time):
    web.post(API + "me/playlists", status=429, headers={"Retry-After": "2"})
    web.post(API + "me/playlists", status=201, json={"id": "p1"})
    assert client.create_playlist("Vibe", "", public=False).id == "p1"
    assert time.slept == [2.0]


def test_a_long_429_stops_the_service_for_every_thread_of_the_run(web, client, time):
    web.get(API + "search", status=429, headers={"Retry-After": "40"})
    with pytest.raises(RateLimited) as refused:
        client.search_tracks("q")
    with ThreadPoolExecutor(4) as pool:
        elsewhere = [pool.submit(client.me) for _ in range(4)]
    assert all(isinstance(call.exception(), RateLimited) for call in elsewhere)
    assert refused.value.until == NOW + timedelta(seconds=40)
    assert (len(web.calls), time.slept) == (1, [])


def test_a_quota_of_a_day_stops_its_family_only(web, client, time):
    quota = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
    web.get(API + "artists/a1/albums", status=429, json=quota, headers={"Retry-After": "86207"})
    web.get(API + "me/", json={"id": "u1"})
    for _ in range(2):
        with pytest.raises(QuotaExceeded) as refused:
            client.artist_albums("a1")
        assert refused.value.until == NOW + timedelta(seconds=86_207)
    assert client.me().user_id == "u1"
    assert (len(web.calls), time.slept) == (2, [])


def test_an_expired_token_is_renewed_once_in_the_thread_that_built_the_client(web, meter):
    web.get(API + "me/", status=401, json=EXPIRED)
    web.get(API + "me/", json={"id": "u1"})
    client = SpotifyClient("token-1", meter, lambda: "token-2")
    assert client.me().user_id == "u1"
    assert [call.request.headers["Authorization"] for call in web.calls] == ["Bearer token-1", "Bearer token-2"]


def test_a_fresh_token_that_is_refused_too_ends_it(web, meter):
    fresh = iter(["token-2"])
    web.get(API + "me/", status=401, json=EXPIRED)
    with pytest.raises(TokenExpired):
        SpotifyClient("token-1", meter, lambda: next(fresh)).me()
    assert (list(fresh), len(web.calls)) == ([], 2)


def test_a_write_refused_for_its_token_was_not_applied_and_is_repeated(web, meter):
    web.post(API + "me/playlists", status=401, json=EXPIRED)
    web.post(API + "me/playlists", status=201, json={"id": "p1"})
    assert SpotifyClient("token-1", meter, lambda: "token-2").create_playlist("Vibe", "", False).id == "p1"


def test_another_thread_leaves_the_renewing_to_its_owner(web, meter):
    web.get(API + "me/", status=401, json=EXPIRED)
    web.get(API + "me/", json={"id": "u1"})
    client = SpotifyClient("token-1", meter, lambda: "token-2")
    with ThreadPoolExecutor(1) as pool:
        assert isinstance(pool.submit(client.me).exception(), TokenExpired)
        client.renew()
        assert pool.submit(client.me).result().user_id == "u1"
    assert web.calls[1].request.headers["Authorization"] == "Bearer token-2"


def test_a_consent_that_is_over_is_told_as_such(web, meter):
    def renew() -> str:
        raise NeedsReconnect

    web.get(API + "me/", status=401, json=EXPIRED)
    with pytest.raises(NeedsReconnect):
        SpotifyClient("token-1", meter, renew).me()


def test_without_a_way_to_renew_the_expiry_is_told(web, client):
    web.get(API + "me/", status=401, json=EXPIRED)
    with pytest.raises(TokenExpired):
        client.me()
    with pytest.raises(TokenExpired):
        client.renew()


def test_nothing_secret_is_logged_as_the_loggers_are_set_up(web: RequestsMock, client, caplog):
    caplog.set_level(logging.DEBUG, logger="")
    web.get(API + "me/", status=400, json={"error": {"message": "token-1"}})
    with pytest.raises(ServiceError):
        client.me()
    assert "token-1" not in caplog.text
