"""Every source against a catalogue that answers what it was told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import sqrt

import pytest

from recommendations.converse import Budget, converse
from recommendations.identity import match_key
from recommendations.questions import (
    Row,
    album_tracks,
    artist_albums,
    artist_search,
    artist_tags,
    recommendations,
    similar_artists,
    similar_tracks,
    spotify_top_tracks,
    tag_tracks,
    top_tracks,
)
from recommendations.reasons import BACK
from recommendations.sources import (
    SOURCES,
    lastfm_similar_artists,
    lastfm_similar_tracks,
    lastfm_tags,
    lastfm_top_tracks,
    spotify_albums,
    spotify_recommendations,
    spotify_search,
)
from recommendations.sources import (
    spotify_top_tracks as spotify_tops,
)
from recommendations.tests.told import Remembered, Told, found_row, profile, row, seed, seed_artist, tag
from vibe.clients.errors import Gone, ServiceError

KINO, SPLIN = seed("Кино", "Группа крови"), seed("Сплин", "Выхода нет")
SEVEN = [seed("Кино", str(n)) for n in range(7)]


def ask(source, listener, answers):
    told = Told(answers)
    outcome = converse({"s": source.find(listener)}, told, Remembered(), Budget())["s"]
    assert outcome.result is not None, outcome.errors
    return outcome.result


def test_similar_tracks_carry_their_seed_match_and_rank():
    found = ask(
        lastfm_similar_tracks.SOURCE,
        profile([KINO, SPLIN]),
        {similar_tracks("Кино", "Группа крови"): (row("Алиса", "Трасса Е-95", 1.0), row("ДДТ", "Осень", 0.4))},
    )
    assert [(f.title, f.because, f.match, f.rank) for f in found] == [
        ("Трасса Е-95", "Кино - Группа крови", 1.0, 1),
        ("Осень", "Кино - Группа крови", 0.4, 2),
    ]
    assert {f.seed for f in found} == {KINO.key}


def test_what_the_seeds_name_most_is_asked_what_of_the_listeners_is_beside_it():
    listener = replace(profile([KINO, SPLIN]), known=frozenset({KINO.key, match_key("Алиса", "Веретено")}))
    found = ask(
        lastfm_similar_tracks.SOURCE,
        listener,
        {
            similar_tracks("Кино", "Группа крови"): (row("ДДТ", "Осень", 1.0), row("Алиса", "Веретено", 0.9)),
            similar_tracks("ДДТ", "Осень"): (
                row("Кино", "Группа крови", 1.0),
                row("X", "x", 0.6),
                row("Алиса", "Веретено", 0.4),
            ),
        },
    )
    mutual = [word for word in found if word.relation == "mutual"]
    assert [(word.artist, word.title, word.because, word.rank) for word in mutual] == [
        ("ДДТ", "Осень", "Кино - Группа крови", 1),
        ("ДДТ", "Осень", "Алиса - Веретено", 3),
    ]
    assert [word.match for word in mutual] == pytest.approx([1 / sqrt(2), 0.4 / sqrt(2)])


def test_a_candidate_whose_list_nobody_knows_is_taken_for_one_like_the_others():
    listener = replace(profile([KINO]), known=frozenset({KINO.key}))
    found = ask(
        lastfm_similar_tracks.SOURCE,
        listener,
        {
            similar_tracks("Кино", "Группа крови"): (row("ДДТ", "Осень", 1.0), row("Алиса", "Веретено", 0.5)),
            similar_tracks("ДДТ", "Осень"): (row("Кино", "Группа крови", 0.6), row("X", "x", 0.4)),
        },
    )
    back = {(word.title, word.relation, word.because): word.match for word in found if word.relation in BACK}
    assert back == pytest.approx({("Осень", "mutual", KINO.because): 0.6, ("Веретено", "presumed", ""): 0.3})


def test_nothing_is_asked_about_what_he_can_not_be_given_today():
    barred = frozenset({match_key("ДДТ", "Осень"), "алиса"})
    told = Told(
        {similar_tracks("Кино", "Группа крови"): (row("ДДТ", "Осень"), row("Алиса", "Веретено"), row("X", "x"))}
    )
    listener = replace(profile([KINO]), known=frozenset({KINO.key}), barred=barred)
    converse({"s": lastfm_similar_tracks.SOURCE.find(listener)}, told, Remembered(), Budget())
    assert [question.args for question in told.asked[1:]] == [("X", "x")]


def test_the_forty_likeliest_candidates_are_asked_about():
    many = tuple(row("Band", f"Song {n}", 1 / (n + 1)) for n in range(100))
    answers = Told({similar_tracks("Кино", "Группа крови"): many})
    converse({"s": lastfm_similar_tracks.SOURCE.find(profile([KINO]))}, answers, Remembered(), Budget())
    asked = [question.args[1] for question in answers.asked[1:]]
    assert asked == [f"Song {n}" for n in range(lastfm_similar_tracks.CHECKED)]


def test_an_artist_near_two_of_the_listeners_comes_before_one_near_a_single_one():
    found = ask(
        lastfm_similar_artists.SOURCE,
        profile(artists=[seed_artist("Кино", 4), seed_artist("Сплин", 1)]),
        {
            similar_artists("Кино"): (Row("Алиса", match=0.5), Row("ДДТ", match=0.6)),
            similar_artists("Сплин"): (Row("Алиса", match=1.0),),
            top_tracks("Алиса"): (row("Алиса", "Трасса Е-95"), row("Алиса", "Веретено")),
            top_tracks("ДДТ"): (row("ДДТ", "Осень"),),
        },
    )
    assert [f.title for f in found] == ["Трасса Е-95", "Веретено", "Осень"]
    assert found[0].match == 1.0 > found[-1].match
    assert found[0].because == "Кино"  # four of his tracks speak louder than one at the same closeness
    assert [f.rank for f in found] == [1, 2, 1]


def test_the_listeners_artists_best_known_tracks_are_ranked():
    found = ask(
        lastfm_top_tracks.SOURCE,
        profile(artists=[seed_artist("Кино")]),
        {top_tracks("Кино"): tuple(row("Кино", str(n)) for n in range(30))},
    )
    assert [f.rank for f in found] == list(range(1, 21))
    assert {f.relation for f in found} == {"artist_top"}


def test_of_many_artists_the_first_are_asked_about_every_day_and_the_others_in_turn():
    artists = [seed_artist(f"Artist {n}") for n in range(22)]

    def asked(day: int) -> list[str]:
        answers = Told({})
        listener = replace(profile(artists=artists), day=day)
        converse({"s": lastfm_top_tracks.SOURCE.find(listener)}, answers, Remembered(), Budget())
        return [question.args[0] for question in answers.asked]

    steady = [f"Artist {n}" for n in range(8)]
    assert asked(0) == steady + [f"Artist {n}" for n in range(8, 15)]
    assert asked(1) == steady + [f"Artist {n}" for n in range(15, 22)]
    assert asked(2) == asked(0)


def test_recommendations_are_asked_for_five_seeds_at_a_time():
    calls = [recommendations([s.id for s in SEVEN[:5]]), recommendations([s.id for s in SEVEN[5:]])]
    told = Told({calls[1]: (found_row("Алиса", "Веретено"),)})
    outcome = converse({"s": spotify_recommendations.SOURCE.find(profile(SEVEN))}, told, Remembered(), Budget())["s"]
    assert told.asked == calls
    assert outcome.result is not None
    assert outcome.result[0].track is not None
    assert outcome.result[0].because == "Кино - 5"


def test_a_route_that_is_gone_costs_one_call():
    told = Told({recommendations([s.id for s in SEVEN[:5]]): Gone("spotify", "recommendations")})
    outcome = converse({"s": spotify_recommendations.SOURCE.find(profile(SEVEN))}, told, Remembered(), Budget())["s"]
    assert outcome.result == []
    assert len(told.asked) == 1


def test_spotify_top_tracks_carry_spotify_tracks():
    artist = seed_artist("Кино")
    found = ask(
        spotify_tops.SOURCE, profile(artists=[artist]), {spotify_top_tracks(artist.id): (found_row("Кино", "Кукушка"),)}
    )
    assert found[0].track is not None
    assert found[0].relation == "artist_top"


def test_a_namesake_in_the_search_is_left_out():
    found = ask(
        spotify_search.SOURCE,
        profile(artists=[seed_artist("Кино")]),
        {artist_search("Кино"): (found_row("Кино", "Кукушка"), found_row("Кино и немцы", "Другая"))},
    )
    assert [f.title for f in found] == ["Кукушка"]


def test_a_deep_cut_knows_its_album_and_an_artist_without_albums_is_skipped():
    kino, splin = seed_artist("Кино"), seed_artist("Сплин")
    found = ask(
        spotify_albums.SOURCE,
        profile(artists=[splin, kino]),
        {
            artist_albums(kino.id): (Row(title="Ночь", id="al1"),),
            album_tracks("al1", "Ночь"): (found_row("Кино", "Мама Анархия"),),
        },
    )
    assert [(f.title, f.track and f.track.album, f.because) for f in found] == [("Мама Анархия", "Ночь", "Кино")]


def test_another_day_opens_another_album():
    kino = seed_artist("Кино")
    albums = tuple(Row(title=str(n), id=f"al{n}") for n in range(10))
    asked = set()
    for day in range(20):
        told = Told({artist_albums(kino.id): albums})
        listener = replace(profile(artists=[kino]), day=day)
        converse({"s": spotify_albums.SOURCE.find(listener)}, told, Remembered(), Budget())
        asked.add(told.asked[-1])
    assert len(asked) == 10


def test_all_albums_of_all_artists_have_their_turn_even_where_both_numbers_keep_step():
    artists, albums = [seed_artist(f"Artist {n}") for n in range(20)], tuple(Row(title=str(n)) for n in range(4))
    answers = {
        artist_albums(one.id): tuple(replace(album, id=one.id + album.title) for album in albums) for one in artists
    }
    opened: Counter[object] = Counter()
    for day in range(16):
        told = Told(answers)
        listener = replace(profile(artists=artists), wide=True, day=day)
        converse({"s": spotify_albums.SOURCE.find(listener)}, told, Remembered(), Budget())
        opened.update(question for question in told.asked if question.family == "album_tracks")
    assert set(opened.values()) == {1, 2}  # 96 openings
    assert len(opened) == 80


def test_a_wide_profile_turns_through_all_artists_day_by_day():
    artists = [seed_artist(f"Artist {n}") for n in range(30)]
    asked = set()
    for day in range(5):
        told = Told({})
        listener = replace(profile(artists=artists), wide=True, day=day)
        converse({"s": spotify_search.SOURCE.find(listener)}, told, Remembered(), Budget())
        assert len(told.asked) == spotify_search.WIDE
        asked |= set(told.asked)
    assert len(asked) == 30


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_source_survives_a_listener_without_seeds_and_a_service_that_is_down(source):
    assert ask(source, profile(), {}) == []

    class Down(Told):
        def fetch(self, question):
            raise ServiceError(question.service, "unavailable")

    coded = [replace(one, isrc=f"RUAAA110000{n}") for n, one in enumerate([KINO, SPLIN])]
    artists = [replace(seed_artist(one.artist), isrc=one.isrc) for one in coded]
    listener = profile(coded, artists)
    outcome = converse({"s": source.find(listener)}, Down({}), Remembered(), Budget())["s"]
    assert outcome.result == []
    assert outcome.errors.total() > 0


def test_source_names_are_unique_and_fit_their_column():
    names = [source.name for source in SOURCES]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 32


def test_the_best_known_tracks_of_what_his_artists_are_called_are_found():
    found = ask(
        lastfm_tags.SOURCE,
        profile(artists=[seed_artist("Slowdive", 4), seed_artist("Ride", 1)]),
        {
            artist_tags("Slowdive"): (tag("shoegaze", 1.0), tag("rock", 0.9), tag("seen live", 0.8)),
            artist_tags("Ride"): (tag("Shoegaze", 1.0), tag("british", 0.9)),
            tag_tracks("shoegaze"): (row("My Bloody Valentine", "Sometimes"), row("Lush", "For Love")),
            tag_tracks("seen live"): (row("Muse", "Uprising"),),
            tag_tracks("british"): (row("Coldplay", "Yellow"),),
        },
    )
    assert [(f.title, f.relation, f.because, f.rank) for f in found] == [
        ("Sometimes", "tag", "shoegaze", 1),
        ("For Love", "tag", "shoegaze", 2),
    ]
    assert found[0].match == 1.0 > found[1].match


def test_without_tags_no_track_of_one_is_asked_for():
    told = Told({})
    converse({"s": lastfm_tags.SOURCE.find(profile(artists=[seed_artist("Ride")]))}, told, Remembered(), Budget())
    assert told.asked == [artist_tags("Ride")]
