from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibe.clients import spotify_json as read
from vibe.clients.spotify_contents import held
from vibe.clients.spotify_json import UNDATED, Malformed
from vibe.clients.types import Album, Artist, Me, Playlist, Tokens, Track

FULL: dict[str, Any] = {
    "type": "track",
    "id": "4uLU6hMCjMI75M1A2tKUQC",
    "uri": "spotify:track:4uLU6hMCjMI75M1A2tKUQC",
    "name": "Кукушка",
    "artists": [{"id": "a1", "name": "Кино"}, {"id": "a2", "name": "Guest"}],
    "album": {"id": "b1", "name": "Чёрный альбом"},
    "duration_ms": 398_000,
    "external_ids": {"isrc": "ruA019000001"},
    "is_local": False,
}
TRACK = Track(
    id="4uLU6hMCjMI75M1A2tKUQC",
    name="Кукушка",
    artists=(Artist("a1", "Кино"), Artist("a2", "Guest")),
    album="Чёрный альбом",
    duration_ms=398_000,
    isrc="RUA019000001",
)
UNUSABLE = {
    "null": None,
    "a boolean": True,
    "an episode": {**FULL, "type": "episode"},
    "a local file": {**FULL, "id": None, "is_local": True},
    "a local file with an id": {**FULL, "is_local": True},
    "no id": {**FULL, "id": None},
    "no name": {**FULL, "name": ""},
    "no artists": {**FULL, "artists": []},
    "null artists": {**FULL, "artists": None},
    "nameless artists": {**FULL, "artists": [None, {"id": "a1", "name": ""}]},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["items", "item", "track", "tracks", "id", "name", "artists", "added_at", "played_at"])
            | st.sampled_from(["album", "external_ids", "owner", "context", "uri", "total", "release_date", "type"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@pytest.fixture
def far_away(monkeypatch) -> Iterator[None]:
    """The machine's own zone must not matter."""
    with monkeypatch.context() as zone:
        zone.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


def test_a_full_track_is_read():
    assert read.track(FULL) == TRACK


def test_a_track_of_an_older_app_has_its_popularity():
    full = read.track({**FULL, "popularity": 0})
    assert full is not None
    assert full.popularity == 0


def test_a_simplified_track_lacks_album_and_isrc():
    simple = {key: FULL[key] for key in ("id", "name", "artists", "duration_ms")}
    assert read.track(simple) == Track(TRACK.id, TRACK.name, TRACK.artists, duration_ms=398_000)


@pytest.mark.parametrize("row", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_an_unusable_track_is_left_out(row):
    assert read.tracks([row, FULL]) == (TRACK,)
    assert [item.track for item in read.saved_page({"items": [{"track": row}, {"track": FULL}]}).items] == [TRACK]


@pytest.mark.parametrize("bar", [{"is_playable": False}, {"restrictions": {"reason": "explicit"}}])
def test_a_track_that_cannot_be_played_is_no_find_but_may_be_a_like(bar):
    barred = {**FULL, **bar}
    assert read.tracks([barred, FULL]) == (TRACK,)
    assert read.found_tracks({"tracks": {"items": [barred]}}) == read.listed_tracks({"tracks": [barred]}) == ()
    assert read.saved_page({"items": [{"track": barred}]}).items[0].track == TRACK


@pytest.mark.parametrize("absent", ["album", "external_ids", "duration_ms", "uri", "is_local", "type"])
def test_absent_and_null_fields_are_survived(absent):
    without = {key: value for key, value in FULL.items() if key != absent}
    assert read.track(without) is not None
    assert read.track({**FULL, absent: None}) is not None or absent == "type"


def test_a_nul_never_reaches_the_database():
    dirty = read.track({**FULL, "name": "Кук\x00ушка "})
    assert dirty is not None
    assert dirty.name == "Кукушка"


@pytest.mark.parametrize("nonsense", [-1, 2**31, 10**40, 1.5, "7", None])
def test_a_number_that_no_column_holds_is_dropped(nonsense):
    odd = read.track({**FULL, "duration_ms": nonsense, "popularity": nonsense})
    assert odd is not None
    assert (odd.duration_ms, odd.popularity) == (0, None)


@pytest.mark.parametrize(
    ("sent", "isrc"),
    [("us-rc1-76-07839", "USRC17607839"), ("USRC1760783", ""), ("", ""), (None, ""), ("TEMPORARY-ISRC-0", "")],
)
def test_an_isrc_has_twelve_characters_or_is_none(sent, isrc):
    found = read.track({**FULL, "external_ids": {"isrc": sent}})
    assert found is not None
    assert found.isrc == isrc


def test_a_name_longer_than_a_column_is_cut():
    long = read.track({**FULL, "name": "н" * 500, "album": {"name": "а" * 500}, "artists": [{"name": "и" * 500}]})
    assert long is not None
    assert {len(long.name), len(long.album), len(long.artist.name)} == {400}


def test_a_page_of_likes_counts_its_unusable_rows():
    page = read.saved_page({"items": [{"added_at": "2026-11-01T00:00:00Z", "track": FULL}, None], "total": 120})
    assert (len(page.items), page.rows, page.total) == (1, 2, 120)
    assert page.items[0].added_at == datetime(2026, 11, 1, tzinfo=UTC)


def test_a_like_of_unknown_date_still_counts():
    assert read.saved_page({"items": [{"track": FULL}]}).items[0].added_at == UNDATED


@pytest.mark.parametrize("page", [None, [], "", 7, {}, {"items": None}, {"items": {}}, {"error": "x"}])
def test_what_is_no_page_is_never_taken_for_an_empty_library(page):
    with pytest.raises(Malformed):
        read.saved_page(page)


def test_a_play_keeps_its_context_and_its_moment():
    row = {"track": FULL, "played_at": "2026-11-22T21:15:03.123Z", "context": {"uri": "spotify:playlist:p1"}}
    (item,) = read.played({"items": [row, {**row, "played_at": None}, {**row, "played_at": "yesterday"}, None]})
    assert item.played_at == datetime(2026, 11, 22, 21, 15, 3, 123_000, tzinfo=UTC)
    assert (item.track, item.context) == (TRACK, "spotify:playlist:p1")


def test_a_play_without_context_is_kept():
    assert read.played({"items": [{"track": FULL, "played_at": "2026-11-22T21:15:03Z", "context": None}]})


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T07:00:00Z", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        ("2026-11-22T07:00:00", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        ("2026-11-22T10:00:00+03:00", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("", None),
        (None, None),
        (1732250000, None),
    ],
)
def test_a_moment_is_aware_utc_or_nothing(text, moment, far_away):
    assert read.moment(text) == moment
    assert moment is None or read.moment(text).tzinfo is UTC  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "row",
    [
        {"item": {"uri": "spotify:track:x", "track": True}},
        {"item": {"uri": "spotify:track:x", "track": True}, "track": True},
        {"track": {"uri": "spotify:track:x"}},
        {"track": {"uri": "spotify:track:x"}, "item": None},
    ],
)
def test_both_shapes_of_a_playlist_row_are_read(row):
    assert [uri for uri, _track in held({"items": [row]})] == ["spotify:track:x"]


def test_a_removed_track_of_a_playlist_is_skipped():
    rows = [None, {"item": None}, {"item": {"track": True}}, {"track": {"uri": "u"}}]
    assert held({"items": rows}) == (("u", None),)


@pytest.mark.parametrize(
    ("rows", "total", "is_last"),
    [(50, 50, True), (50, 51, False), (50, None, False), (49, None, True), (0, 80, True), (49, 120, False)],
)
def test_the_last_page_is_known_by_its_total_or_its_shortness(rows, total, is_last):
    assert read.is_last({"items": [None] * rows, "total": total}, 0, 50) is is_last


def test_a_playlist_is_read_with_its_description_as_we_wrote_it():
    row = {
        "id": "p1",
        "name": "Vibe",
        "description": "Rock &amp; roll &#x2F; vibe#7",
        "owner": {"id": "me"},
        "external_urls": {"spotify": "https://open.spotify.com/playlist/p1"},
        "items": {"total": 3},
    }
    expected = Playlist("p1", "Vibe", "Rock & roll / vibe#7", "me", "https://open.spotify.com/playlist/p1")
    assert read.playlists({"items": [None, row, {"name": "no id"}]}) == (expected,)


def test_a_playlist_may_lack_all_but_its_id():
    row = {"id": "p1", "description": None, "owner": None, "external_urls": None}
    assert read.playlist(row) == Playlist("p1", "", "", "", "")


def test_a_created_playlist_without_id_is_malformed():
    with pytest.raises(Malformed):
        read.created({"name": "Vibe"})


def test_the_year_of_an_album_comes_at_any_precision():
    dates = ["1999-05-01", "1999", "0000", None, "soon"]
    found = read.albums({"items": [None, *({"id": "b", "name": "B", "release_date": date} for date in dates)]})
    assert found == tuple(Album("b", "B", year) for year in (1999, 1999, None, None, None))


@pytest.mark.parametrize("country", [None, "", "Germany", 49, "D"])
def test_a_country_is_two_letters_or_none(country):
    assert read.me({"id": "u1", "country": country}).country == ""


def test_an_account_is_known_by_its_account_id():
    assert read.me({"id": "u1", "account_id": "acc", "display_name": "Anna", "country": "DE"}) == Me(
        "acc", "u1", "Anna", "DE"
    )


def test_an_account_without_account_id_is_known_by_its_older_one():
    assert read.me({"id": "u1", "display_name": None}) == Me("u1", "u1", "u1", "")


def test_an_account_without_any_id_is_malformed():
    with pytest.raises(Malformed):
        read.me({"display_name": "Anna"})


def test_tokens_are_read_with_the_scopes_as_granted():
    answer = {"access_token": "a", "refresh_token": "", "expires_in": 60, "scope": "user-top-read user-library-read"}
    assert read.tokens(answer) == Tokens("a", "", 60, ("user-top-read", "user-library-read"))
    assert read.tokens({"access_token": "a"}) == Tokens("a", "", 3600, ())


@pytest.mark.parametrize("answer", [None, [], {}, {"access_token": ""}, {"access_token": None}])
def test_an_answer_without_access_token_is_malformed(answer):
    with pytest.raises(Malformed):
        read.tokens(answer)


@given(JSON)
def test_whatever_spotify_sends_is_read_or_malformed(answer):
    readers = (read.saved_page, read.played, read.found_tracks, read.listed_tracks, read.albums)
    for reader in (*readers, read.playlists, read.created, held, read.me, read.tokens):
        try:
            reader(answer)
        except Malformed:
            continue


@given(JSON)
def test_a_bad_row_costs_nothing_but_itself(row):
    page = read.saved_page({"items": [row, {"added_at": "2026-11-01T00:00:00Z", "track": FULL}]})
    assert page.items[-1].track == TRACK
    assert page.rows == 2


def test_a_cover_is_the_smallest_picture_that_fills_a_row():
    sizes = [
        {"url": f"https://i.scdn.co/image/{width}", "height": width, "width": width} for width in (640, 300, 64, 32)
    ]
    assert read.cover({"images": sizes}) == "https://i.scdn.co/image/64"
    assert read.cover({"images": sizes[3:]}) == ""
    broken = [None, {"url": None, "width": 64}, {"url": "https://x/" + "y" * 200, "width": 64}, {"url": "https://x/y"}]
    assert [read.cover({"images": broken}), read.cover({"images": 1}), read.cover(None)] == ["", "", ""]
    track = read.track({**FULL, "album": {"name": "One", "images": sizes}})
    assert track
    assert track.cover == "https://i.scdn.co/image/64"
