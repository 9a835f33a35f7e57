from __future__ import annotations

from recommendations import artificial
from recommendations.candidates import Listening
from recommendations.checks import artificial_artists
from recommendations.identity import artist_key, match_key
from recommendations.selection import select
from recommendations.tests.builders import NOW, make_heard, make_ranked, make_track
from vibe.clients.types import Artist, Track

ID = "4Z8W4fKeB5YxbusRsdQVPb"
KARAOKE = match_key("Karaoke Kings", "Song")


def choose(ranked, **more):
    rules = {"listening": Listening(), "size": 3, "min_new_ratio": 0.8, "cooldown_days": 60, "now": NOW}
    return select(ranked, **{**rules, **more})


def test_clutter_is_kept_out_before_anything_is_looked_up_and_says_so():
    selection = choose([make_ranked("Karaoke Kings", "Song", 1.0), make_ranked("Band", "Song", 0.1)])
    assert [pick.candidate.artist for pick in selection.picks] == ["Band"]
    assert selection.fates[KARAOKE] == "clutter"


def test_a_karaoke_album_is_recognised_once_the_track_is_known():
    one = make_ranked("Band", "Song", 1.0)
    found = {one.candidate.key: make_track("Band", "Song", album="Karaoke Hits")}
    assert choose([one], resolved=found).fates[one.candidate.key] == "clutter"


def test_what_the_listener_himself_hears_is_music_to_him():
    known = make_ranked("Karaoke Kings", "Song", 1.0)._replace(recognised={artist_key("Karaoke Kings")})
    assert choose([known]).fates[KARAOKE] == "picked:1"
    own = make_heard("Karaoke Kings", "Song")
    selection = choose([], listening=Listening(likes=(own,)), familiar=(own,))
    assert [pick.candidate.key for pick in selection.picks] == [KARAOKE]


def test_a_karaoke_take_by_an_artist_of_his_is_clutter_all_the_same():
    take = make_ranked("Band", "Song (Karaoke Version)", 1.0)._replace(recognised={artist_key("Band")})
    assert choose([take]).fates == {take.candidate.key: "clutter"}
    own = make_heard("Band", "Song (Karaoke Version)")
    liked = choose([take], listening=Listening(likes=(own,)))
    assert [pick.candidate.key for pick in liked.picks] == [take.candidate.key]


def test_a_list_of_artificial_artists_holds_names_ids_links_and_comments():
    lines = [
        "# Made by machines, seen in 2026",
        "",
        "The Velvet Sundown",
        "Призрачный Голос  # a comment",
        ID,
        f"spotify:artist:{ID[::-1]}",
        f"https://open.spotify.com/artist/{ID.swapcase()}?si=abc",
        "Band #1",
    ]
    marks = artificial.parse(lines)
    assert {"velvetsundown", "призрачныйголос", ID, ID[::-1], ID.swapcase()} <= marks
    assert artist_key("Band #1") in marks
    assert artist_key("Band") not in marks
    assert artificial.parse(["# nothing", ""]) == frozenset()


def test_an_artificial_artist_is_kept_out_by_name_and_by_id_guests_too():
    named, guest, other = (make_ranked(name, "Song", 1.0) for name in ("The Velvet Sundown", "Singer", "Band"))
    found = {
        named.candidate.key: make_track("The Velvet Sundown", "Song"),
        guest.candidate.key: Track("1", "Song", (Artist("x", "Singer"), Artist(ID, "Somebody"))),
        other.candidate.key: make_track("Band", "Song"),
    }
    listed = artificial.parse(["Velvet Sundown", ID])
    fates = choose([named, guest, other], resolved=found, artificial=listed).fates
    assert [fates[one.candidate.key] for one in (named, guest, other)] == ["artificial", "artificial", "picked:1"]
    credit = make_ranked("Band", "Tune (feat. The Velvet Sundown)", 1.0)
    assert choose([credit], artificial=listed).fates == {credit.candidate.key: "artificial"}
    by_name = choose([named, guest, other], artificial=listed).fates
    assert by_name[named.candidate.key] == "artificial"


def test_the_list_is_read_where_a_file_is_set(settings, tmp_path):
    assert artificial.known() == frozenset()
    (tmp_path / "list.txt").write_bytes("\ufeffThe Velvet Sundown\r\n".encode())
    settings.ARTIFICIAL_ARTISTS_FILE = str(tmp_path / "list.txt")
    assert artificial.known() == {"velvetsundown"}
    assert artificial_artists() == []


def test_a_list_that_cannot_be_read_stops_no_run_but_is_told(settings, tmp_path, caplog):
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe")
    for name in ("nowhere.txt", "list.txt", "."):
        settings.ARTIFICIAL_ARTISTS_FILE = str(tmp_path / name)
        assert artificial.known() == frozenset()
        assert [message.id for message in artificial_artists()] == ["recommendations.E001"]
    assert "ARTIFICIAL_ARTISTS_FILE can't be read" in caplog.text


def test_only_what_would_be_picked_is_looked_at_closely():
    ranked = [
        *(make_ranked(f"Band {n}", "Song", 1 - n / 10) for n in range(3)),
        make_ranked("Karaoke Kings", "Song", 0),
    ]
    assert choose(ranked).fates[KARAOKE] == "ranked_below"
    assert choose(ranked, size=4).fates[KARAOKE] == "clutter"
