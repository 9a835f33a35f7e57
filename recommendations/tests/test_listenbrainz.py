"""ListenBrainz's two sources, the ids they go by, and the ids of Spotify's that it knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recommendations import mbids
from recommendations.converse import Budget, converse
from recommendations.questions import (
    Row,
    artist_radio,
    artist_search,
    recordings,
    recordings_of,
    similar_recordings,
    spotify_ids,
    track_search,
)
from recommendations.resolve import BATCH, look_up
from recommendations.sources import SOURCES, listenbrainz_artist_radio, listenbrainz_similar_recordings
from recommendations.sources.listenbrainz_artist_radio import EACH, NEAR
from recommendations.tests.told import NOW, Remembered, Told, candidate, found_row, profile, row, seed, seed_artist
from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.listenbrainz import BATCH as AT_MOST

SERVICES = ("listenbrainz", "listenbrainz_labs", "musicbrainz", "spotify")
KINO = replace(seed("Кино", "Группа крови"), isrc="RUA110000001")
SPLIN = replace(seed("Сплин", "Выхода нет"), isrc="RUA110000002")
KNOWN = {
    recordings_of("RUA110000001"): (Row("Кино", "Группа крови", id="r1"), Row("Кино", id="a1")),
    recordings_of("RUA110000002"): (Row("Сплин", "Выхода нет", id="r2"), Row("Сплин", id="a2")),
}


def ask(source, listener, answers, budget=None):
    told = Told(answers, SERVICES)
    outcome = converse({"s": source.find(listener)}, told, Remembered(), budget or Budget())["s"]
    assert outcome.result is not None, outcome.errors
    return outcome.result, told


def similar(*rows):
    return ask(listenbrainz_similar_recordings.SOURCE, profile([KINO, SPLIN]), {**KNOWN, **dict(rows)})


def radio(answers, count=1):
    artists = [
        replace(seed_artist("Кино", count), isrc="RUA110000001"),
        replace(seed_artist("Сплин"), isrc="RUA110000002"),
    ]
    return ask(listenbrainz_artist_radio.SOURCE, profile(artists=artists), {**KNOWN, **answers})


def test_similar_recordings_carry_their_seed_match_and_rank():
    found, _ = similar((similar_recordings("r1"), (row("Алиса", "Веретено", 1.0), row("ДДТ", "Осень", 0.4))))
    assert [(f.relation, f.seed, f.because, f.title, f.match, f.rank) for f in found] == [
        ("similar_track", KINO.key, "Кино - Группа крови", "Веретено", 1.0, 1),
        ("similar_track", KINO.key, "Кино - Группа крови", "Осень", 0.4, 2),
    ]


def test_a_seed_without_an_isrc_or_unknown_to_musicbrainz_is_not_asked_about():
    nameless, unknown = seed("ДДТ", "Осень"), replace(seed("Алиса", "Веретено"), isrc="RUA110000009")
    found, told = ask(listenbrainz_similar_recordings.SOURCE, profile([nameless, unknown]), KNOWN)
    assert found == []
    assert told.asked == [recordings_of("RUA110000009")]


def test_what_musicbrainz_may_not_be_asked_today_leaves_out_its_seed_alone():
    answers = {**KNOWN, similar_recordings("r1"): (row("Алиса", "Веретено", 1.0),)}
    found, told = ask(
        listenbrainz_similar_recordings.SOURCE, profile([KINO, SPLIN]), answers, Budget({"musicbrainz": 1})
    )
    assert [f.title for f in found] == ["Веретено"]
    assert [question.service for question in told.asked].count("musicbrainz") == 1


def test_an_artist_on_two_radios_is_nearer_than_one_on_a_single_one():
    found, _ = radio(
        {
            artist_radio("a1", NEAR, EACH): (Row("Алиса", id="x1"), Row("ДДТ", id="x2")),
            artist_radio("a2", NEAR, EACH): (Row("Алиса", id="x1"),),
            recordings(["x1", "x2"]): (Row("Алиса", "Веретено", id="x1"), Row("ДДТ", "Осень", id="x2")),
            recordings(["x1"]): (Row("Алиса", "Веретено", id="x1"),),
        }
    )
    nearness = {f.title: f.match for f in found}
    assert nearness["Веретено"] == 1.0 > nearness["Осень"] > 0
    assert {f.relation for f in found} == {"similar_artist"}


def test_an_artists_own_recordings_are_his_best_known_ones_in_order():
    found, _ = radio(
        {
            artist_radio("a1", NEAR, EACH): (Row("Кино", id="x1"), Row("Алиса", id="x2"), Row("Кино", id="x3")),
            recordings(["x1", "x2", "x3"]): (
                Row("Кино", "Кукушка", id="x1", duration_ms=1000),
                Row("Алиса", "Веретено", id="x2"),
                Row("Кино", "Пачка сигарет", id="x3"),
            ),
        }
    )
    own = [(f.title, f.rank, f.duration_ms) for f in found if f.relation == "radio"]
    assert own == [("Кукушка", 1, 1000), ("Пачка сигарет", 2, 0)]


def test_a_recording_without_a_name_is_left_out():
    found, _ = radio({artist_radio("a1", NEAR, EACH): (Row("Алиса", id="x1"),), recordings(["x1"]): ()})
    assert found == []


def test_one_radio_fits_into_one_call_for_names():
    assert (NEAR + 1) * EACH <= AT_MOST >= BATCH


def test_the_radio_comes_before_the_similar_recordings():
    names = [source.name for source in SOURCES]
    assert names.index("listenbrainz_artist_radio") < names.index("listenbrainz_similar_recordings")


@pytest.mark.parametrize("source", [listenbrainz_artist_radio.SOURCE, listenbrainz_similar_recordings.SOURCE])
def test_with_everything_failing_nothing_is_found_and_nothing_breaks(source):
    artists = [replace(seed_artist("Кино"), isrc="RUA110000001")]
    down = {question: ServiceError("musicbrainz", "unavailable") for question in KNOWN}
    assert ask(source, profile([KINO, SPLIN], artists), down)[0] == []


def test_of_several_recordings_with_one_isrc_the_one_of_that_name_is_meant():
    rows = (Row("Radiohead", "Karma Police (live)", id="live"), Row("Radiohead", "Karma Police", id="studio"))
    assert mbids.recording("Radiohead", "Karma Police", rows) == "studio"
    assert mbids.recording("Radiohead", "Creep", rows) == "live"
    assert mbids.recording("Radiohead", "Creep", ()) == ""


def test_of_several_artists_the_one_of_that_name_is_meant_or_else_the_first():
    rows = (Row("Queen", "Under Pressure", id="r"), Row("Queen", id="queen"), Row("David Bowie", id="bowie"))
    assert mbids.artist("David Bowie", rows) == "bowie"
    assert mbids.artist("Somebody", rows) == "queen"
    assert mbids.artist("Queen", rows[:1]) == ""


def resolve(wanted, answers):
    told = Told(answers, SERVICES)
    outcome = converse({"r": look_up(wanted, {}, by_id=True)}, told, Remembered(), Budget())["r"]
    return outcome.result, told.asked


def test_a_name_with_an_id_is_not_searched():
    wanted = candidate("Кино", "Кукушка"), candidate("Сплин", "Выхода нет")
    ids = spotify_ids([("Кино", "Кукушка"), ("Сплин", "Выхода нет")])
    search = track_search("Сплин", "Выхода нет")
    found, asked = resolve(
        wanted, {ids: (Row("Кино", "Кукушка", id="k"),), search: (found_row("Сплин", "Выхода нет"),)}
    )
    assert asked == [ids, search]
    assert (found[wanted[0].key].id, found[wanted[0].key].name) == ("k", "Кукушка")
    assert [artist.name for artist in found[wanted[0].key].artists] == ["Кино"]
    assert found[wanted[1].key].id == found_row("Сплин", "Выхода нет").id


def test_without_an_answer_all_names_are_searched_as_ever():
    wanted = [candidate("Кино", "Кукушка")]
    ids = spotify_ids([("Кино", "Кукушка")])
    for answer in ((), ServiceError("listenbrainz_labs", "unavailable"), (Row("Кино", "Другая", id="k"),)):
        found, _ = resolve(wanted, {ids: answer, track_search("Кино", "Кукушка"): (found_row("Кино", "Кукушка"),)})
        assert found[wanted[0].key].id == found_row("Кино", "Кукушка").id


def test_where_the_labs_are_not_asked_the_first_question_is_a_search():
    told = Told({}, SERVICES)
    two = [candidate("Кино", "Кукушка"), candidate("Кино", "Группа крови")]
    converse({"r": look_up(two, {})}, told, Remembered(), Budget())
    assert told.asked[0] == artist_search("Кино")


def test_a_long_queue_at_musicbrainz_costs_its_answers_and_not_the_run():
    class Queue(Told):
        def reserve(self, service: str, count: int) -> None:
            if service == "musicbrainz":
                raise RateLimited(service, NOW)

    told = Queue({**KNOWN}, SERVICES)
    outcome = converse(
        {"s": listenbrainz_similar_recordings.SOURCE.find(profile([KINO, SPLIN]))}, told, Remembered(), Budget()
    )
    assert (outcome["s"].result, outcome["s"].errors) == ([], {"given_up": 2})
    assert told.asked == []
