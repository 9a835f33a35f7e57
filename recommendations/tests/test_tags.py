"""What artists are called, as far as it says how they sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.questions import Row
from recommendations.tags import fit, heard_most, is_sound, plain, weight_of
from recommendations.tests.told import seed_artist, tag


def test_hip_hop_is_one_tag_however_it_is_written():
    assert {plain(one) for one in ("Hip-Hop", "hip hop", " HIP_HOP ", "hip/hop")} == {"hip hop"}


@pytest.mark.parametrize(
    "junk",
    ["seen live", "favorites", "my favourite songs", "fav artists", "albums i own", "awesome", "love", "all", "<3",
     "80s", "1980s", "90's", "1997", "eighties", "female vocalists", "male vocalist", "vocal", "british", "russian",
     "under 2000 listeners", "guilty pleasures", "cool", "x"],
)  # fmt: skip
def test_what_is_no_sound_is_left_out(junk):
    assert not is_sound(plain(junk))


@pytest.mark.parametrize(
    "genre", ["cool jazz", "post-punk", "russian rock", "trip-hop", "world music", "vocal jazz", "idm"]
)
def test_what_is_a_sound_stays(genre):
    assert is_sound(plain(genre))


def test_a_narrow_tag_of_two_artists_beats_a_broad_one_and_that_of_one():
    artists = [seed_artist("A", 4), seed_artist("B", 4), seed_artist("C", 4)]
    answers = [
        (tag("rock", 1.0), tag("shoegaze", 0.8), tag("A", 1.0)),
        (tag("rock", 1.0), tag("shoegaze", 0.8)),
        (tag("zydeco", 1.0), tag("too rare", 0.1)),
    ]
    assert [name for name, _say in heard_most(artists, answers, 5)] == ["shoegaze", "rock", "zydeco"]
    assert heard_most(artists, answers, 1) == [("shoegaze", 1.0)]


def test_cool_jazz_is_jazz_and_jazz_is_not_cool_jazz():
    assert weight_of("jazz", (tag("Cool-Jazz", 0.7), tag("piano", 1.0))) == 0.7
    assert weight_of("cool jazz", (tag("jazz", 1.0), tag("cool", 1.0))) == 0.0


def test_a_wish_is_met_by_each_of_its_genres_and_a_mood_only_lifts():
    rows = (tag("jazz", 0.6), tag("piano", 0.4))
    assert fit("calm jazz", ["jazz"], ["calm"], rows) == 0.6
    assert fit("calm jazz", ["jazz"], ["calm"], (*rows, tag("calm", 1.0))) == pytest.approx(0.8)
    assert fit("jazz piano", ["jazz", "piano"], [], rows) == 0.4
    assert fit("jazz rock", ["jazz", "rock"], [], rows) == 0.0
    assert fit("sad", [], ["sad"], (tag("sad", 0.5),)) == 0.5


rows_of_tags = st.lists(st.builds(lambda name, match: Row(title=name, match=match), st.text(), st.floats(0, 1)))


@given(st.text(), st.lists(st.text()), st.lists(st.text()), rows_of_tags)
def test_a_fit_is_a_share_whatever_is_asked(whole, parts, moods, rows):
    assert 0.0 <= fit(whole, parts, moods, tuple(rows)) <= 1.0


@given(st.lists(st.tuples(st.text(), rows_of_tags), max_size=4))
def test_the_tags_of_any_artists_are_shares_best_first(pairs):
    artists = [seed_artist(name) for name, _rows in pairs]
    found = heard_most(artists, [tuple(rows) for _name, rows in pairs], 3)
    assert [say for _tag, say in found] == sorted((say for _tag, say in found), reverse=True)
    assert not found or found[0][1] == 1.0
