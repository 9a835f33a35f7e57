"""What Deezer's and ReccoBeats' sources ask and make of the answers."""

from __future__ import annotations

from dataclasses import replace

from recommendations.converse import Budget, converse
from recommendations.questions import (
    Row,
    deezer_artists,
    deezer_related,
    deezer_top_tracks,
    reccobeats_recommendations,
)
from recommendations.sources import deezer_similar_artists
from recommendations.sources import deezer_top_tracks as tops
from recommendations.sources import reccobeats_recommendations as reccobeats
from recommendations.tests.told import Remembered, Told, found_row, profile, seed, seed_artist

CODE, OTHER = "RUA110000001", "RUA110000002"
KINO, SPLIN = replace(seed_artist("Кино", 4), isrc=CODE), replace(seed_artist("Сплин"), isrc=OTHER)


def ask(source, listener, answers):
    told = Told(answers, services=("deezer", "reccobeats"))
    outcome = converse({"s": source.find(listener)}, told, Remembered(), Budget())["s"]
    assert outcome.result is not None, outcome.errors
    return outcome.result, told.asked


def who(name: str, key: str, title: str = "Группа крови") -> Row:
    return Row(name, title, id=key, duration_ms=286_000)


def test_a_recording_leads_to_its_artist_and_he_to_those_near_him():
    found, asked = ask(
        deezer_similar_artists.SOURCE,
        profile(artists=[KINO, SPLIN]),
        {
            deezer_artists(CODE): (who("Кино", "7"),),
            deezer_related("7"): (Row("Алиса", id="8", match=1.0), Row("ДДТ", id="9", match=0.5)),
            deezer_top_tracks("8"): (Row("Алиса", "Трасса Е-95", duration_ms=300_000),),
            deezer_top_tracks("9"): (Row("ДДТ", "Осень"), Row("ДДТ", "Дождь")),
        },
    )
    assert [(f.artist, f.title, f.relation, f.because, f.match, f.rank) for f in found] == [
        ("Алиса", "Трасса Е-95", "similar_artist", "Кино", 1.0, 1),
        ("ДДТ", "Осень", "similar_artist", "Кино", 0.5, 1),
        ("ДДТ", "Дождь", "similar_artist", "Кино", 0.5, 2),
    ]
    assert found[0].duration_ms == 300_000
    assert len(asked) == 5  # two codes, of which one is unknown, and nobody twice


def test_the_best_known_tracks_of_the_listeners_own_artists_come_with_their_length():
    found, _ = ask(
        tops.SOURCE,
        profile(artists=[KINO]),
        {
            deezer_artists(CODE): (who("Кино", "7"),),
            deezer_top_tracks("7"): (Row("Кино", "Кукушка", duration_ms=400_000),),
        },
    )
    assert [(f.title, f.relation, f.because, f.duration_ms) for f in found] == [
        ("Кукушка", "artist_top", "Кино", 400_000)
    ]


def test_of_all_on_a_recording_the_one_who_is_meant_is_asked_about():
    rows = (who("Guest", "1"), who("Кино", "7"))
    assert ask(tops.SOURCE, profile(artists=[KINO]), {deezer_artists(CODE): rows})[1][1:] == [deezer_top_tracks("7")]


def test_an_artist_in_other_letters_is_the_same_one():
    rows = (who("Kino", "7"),)
    assert ask(tops.SOURCE, profile(artists=[KINO]), {deezer_artists(CODE): rows})[1][1:] == [deezer_top_tracks("7")]


def test_a_code_that_leads_to_somebody_else_leads_nowhere():
    found, asked = ask(tops.SOURCE, profile(artists=[KINO]), {deezer_artists(CODE): (who("Karaoke Stars", "1"),)})
    assert (found, asked) == ([], [deezer_artists(CODE)])


def test_who_has_no_recording_code_is_not_asked_about():
    assert ask(tops.SOURCE, profile(artists=[seed_artist("Кино")]), {}) == ([], [])


def test_both_of_deezers_ask_for_an_artist_once():
    told = Told({deezer_artists(CODE): (who("Кино", "7"),)}, services=("deezer",))
    listener = profile(artists=[KINO])
    converse(
        {"a": deezer_similar_artists.SOURCE.find(listener), "b": tops.SOURCE.find(listener)},
        told,
        Remembered(),
        Budget(),
    )
    assert told.asked.count(deezer_artists(CODE)) == 1


def test_five_seeds_share_an_answer_of_reccobeats_in_the_listeners_country():
    seeds = [seed("Кино", str(n)) for n in range(7)]
    first = reccobeats_recommendations([one.id for one in seeds[:5]], "DE")
    second = reccobeats_recommendations([one.id for one in seeds[5:]], "DE")
    found, asked = ask(
        reccobeats.SOURCE,
        replace(profile(seeds), market="DE"),
        {first: (found_row("Алиса", "a"), found_row("Алиса", "b")), second: (found_row("ДДТ", "c"),)},
    )
    assert asked == [first, second]
    assert [(f.title, f.relation, f.because, f.rank) for f in found] == [
        ("a", "recommended", "Кино - 0", 1),
        ("b", "recommended", "Кино - 0", 2),
        ("c", "recommended", "Кино - 5", 1),
    ]
    assert all(f.track for f in found)


def test_a_seed_without_spotifys_id_is_not_sent():
    nameless = replace(seed("Кино", "x"), id="")
    assert ask(reccobeats.SOURCE, profile([nameless]), {}) == ([], [])
