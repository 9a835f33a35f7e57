"""Every client method against the sandbox as a process: real spotipy, pylast and sockets, nothing replaced."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from vibe.clients import spotify_oauth
from vibe.clients.errors import Gone, NeedsReconnect, QuotaExceeded, ServiceError
from vibe.clients.lastfm import LastfmClient
from vibe.clients.meter import Meter
from vibe.clients.spotify import SpotifyClient
from vibe.clients.telegram import TelegramClient
from vibe.clients.types import Tokens
from vibe.tests.sandbox_process import SCOPES, Sandbox, small_world


@pytest.fixture(scope="module", params=["development", "extended"])
def process(request) -> Iterator[Sandbox]:
    with Sandbox(small_world(), mode=request.param) as process:
        process.mode = request.param  # type: ignore[attr-defined]
        yield process


@pytest.fixture
def sandbox(process: Sandbox, settings) -> Iterator[Sandbox]:
    for name, value in process.environment.items():
        setattr(settings, name, value)
    yield process
    process.clear_faults()


@pytest.fixture
def tokens(sandbox: Sandbox, meter: Meter) -> Tokens:
    back = sandbox.consent(spotify_oauth.authorize_url("state-1", SCOPES), "anna")
    query = parse_qs(urlsplit(back).query)
    assert query["state"] == ["state-1"]
    return spotify_oauth.exchange(query["code"][0], meter)


@pytest.fixture
def spotify(tokens: Tokens, meter: Meter) -> SpotifyClient:
    return SpotifyClient(tokens.access, meter)


def test_a_consent_becomes_tokens_that_can_be_refreshed(tokens, meter):
    assert set(tokens.scopes) == set(SCOPES)
    assert spotify_oauth.refresh(tokens.refresh, meter).access != tokens.access
    with pytest.raises(NeedsReconnect):
        spotify_oauth.refresh("never given out", meter)


def test_what_the_listener_likes_and_plays_is_read(spotify):
    assert spotify.me().display_name == "Anna"
    likes = spotify.saved_page(0)
    assert (likes.total, likes.rows, len(likes.items)) == (6, 6, 6)
    assert likes.items[0].track.isrc
    assert spotify.saved_page(50).items == ()
    plays = spotify.recently_played()
    assert [play.played_at for play in plays] == sorted((play.played_at for play in plays), reverse=True)


def test_the_catalogue_is_searched_and_browsed(spotify):
    found = spotify.search_tracks('track:"Кукушка" artist:"Кино"')
    assert found[0].name == "Кукушка"
    albums = spotify.artist_albums(found[0].artist.id)
    assert found[0].name in {track.name for album in albums for track in spotify.album_tracks(album.id)}


def test_what_only_older_apps_have_is_answered_or_gone(spotify, process):
    track = spotify.saved_page(0).items[0].track
    if process.mode == "extended":
        assert spotify.artist_top_tracks(track.artist.id)
        assert spotify.recommendations([track.id])
        return
    with pytest.raises(Gone):
        spotify.artist_top_tracks(track.artist.id)
    with pytest.raises(Gone):
        spotify.recommendations([track.id])


def test_a_playlist_is_made_filled_replaced_read_and_unfollowed(spotify):
    uris = [item.track.uri for item in spotify.saved_page(0).items]
    made = spotify.create_playlist("Vibe", "Rock & roll #7", public=False)
    assert made.url
    spotify.add_items(made.id, uris * 20)
    assert spotify.playlist_uris(made.id) == tuple(uris * 20)
    spotify.replace_items(made.id, uris[:2])
    assert spotify.playlist_uris(made.id) == tuple(uris[:2])
    assert ("Vibe", "Rock & roll #7") in {(one.name, one.description) for one in spotify.my_playlists()}
    spotify.describe_playlist(made.id, "Another & better")
    assert (spotify.playlist(made.id).name, spotify.playlist(made.id).description) == ("Vibe", "Another & better")
    assert spotify.has_playlist(made.id) is True
    spotify.unfollow(made.id)
    assert spotify.has_playlist(made.id) is False
    assert spotify.playlist(made.id).name == "Vibe"
    assert made.id not in {one.id for one in spotify.my_playlists()}


def test_lastfm_knows_what_is_similar(sandbox, meter):
    client = LastfmClient("a-key", meter)
    assert {track.artist for track in client.similar_tracks("Кино", "Кукушка")}
    assert "AC/DC" in {artist.name for artist in client.similar_artists("Кино")}
    assert "Кукушка" in client.artist_top_tracks("Кино")
    assert client.similar_tracks("Nobody", "Nothing") == ()


def test_telegram_takes_a_message(sandbox, meter):
    client = TelegramClient("123456:a-token", meter)
    assert client.get_me() == "sandbox_bot"
    assert client.send_message(7, "<b>Привет</b> & co".replace("&", "&amp;")) > 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "server_error", "status": 502}, "unavailable"),
        ({"kind": "malformed"}, "malformed"),
        ({"kind": "forbidden", "reason": "premium"}, "premium"),
        ({"kind": "forbidden", "reason": "not_registered"}, "not_registered"),
        ({"kind": "expired"}, "token_expired"),
        ({"kind": "quota"}, "quota_exceeded"),
        ({"kind": "rate_limit", "seconds": 60}, "rate_limited"),
        ({"kind": "not_found"}, "not_found"),
    ],
)
def test_each_fault_arrives_as_the_error_it_means(spotify, sandbox, fault, code):
    sandbox.fault(**fault, service="spotify", path="/v1/me/tracks", times=None)
    with pytest.raises(ServiceError) as refused:
        spotify.saved_page(0)
    assert refused.value.code == code


def test_odd_rows_are_survived(spotify, sandbox):
    sandbox.fault(kind="odd_rows", path="/v1/me/tracks")
    page = spotify.saved_page(0)
    assert len(page.items) < page.rows


def test_a_write_that_was_applied_before_the_line_dropped_is_not_repeated(spotify, sandbox):
    before = len(spotify.my_playlists())
    sandbox.fault(kind="timeout_after_write", path="/v1/me/playlists", method="POST", mode="drop")
    with pytest.raises(ServiceError) as refused:
        spotify.create_playlist("Vibe", "#8", public=False)
    assert (refused.value.code, refused.value.permanent) == ("connection", False)
    assert len(spotify.my_playlists()) == before + 1


def test_a_quota_leaves_other_families_alone(spotify, sandbox):
    sandbox.fault(kind="quota", path="/v1/search")
    with pytest.raises(QuotaExceeded):
        spotify.search_tracks("q")
    assert spotify.me().user_id
