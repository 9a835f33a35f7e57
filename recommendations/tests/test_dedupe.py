from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recommendations.dedupe import merge
from recommendations.tests.builders import make_found, make_track


def test_spellings_of_one_track_become_one_candidate_that_keeps_every_word():
    words = [
        make_found("The Band", "Song"),
        make_found("Band", "Song (Remastered 2011)", seed="another"),
        make_found("Band", "Song (Live)"),
    ]
    song, live = merge(words)
    assert song.key == "band | song"
    assert song.artist_key == "band"
    assert len(song.found) == 2
    assert live.key == "band | song (live)"


def test_names_become_one_candidate_when_they_carry_one_spotify_id():
    latin, cyrillic = make_track("Kino", "Gruppa krovi", id="1"), make_track("Кино", "Группа крови", id="1")
    words = [make_found("Kino", "Gruppa krovi", track=latin), make_found("Кино", "Группа крови", track=cyrillic)]
    assert len(merge(words)) == 1


def test_isrcs_tie_names_together_in_a_chain():
    a, b, c = ("Gruppa krovi", "1", "RU1"), ("Группа крови", "2", "RU1"), ("Blood Type", "2", "RU2")
    words = [make_found("Kino", t, track=make_track("Kino", t, id=i, isrc=r)) for t, i, r in (a, b, c)]
    (candidate,) = merge(words)
    assert len(candidate.found) == 3


def test_tracks_without_an_isrc_are_not_one_track():
    words = [make_found("Band", t, track=make_track("Band", t, id=t)) for t in ("Song", "Tune")]
    assert len(merge(words)) == 2


def test_a_carried_track_is_kept_and_the_studio_album_preferred():
    live = make_track("Band", "Song", id="1", album="Live in Paris")
    hits = make_track("Band", "Song", id="2", album="The Best Of Band")
    studio = make_track("Band", "Song", id="3", album="First Album")
    words = [make_found("Band", "Song"), *(make_found("Band", "Song", track=track) for track in (live, hits, studio))]
    (candidate,) = merge(words)
    assert candidate.track == studio


def test_nothing_found_is_nothing():
    assert merge([]) == []


tracks = st.sampled_from(
    [
        make_track("Band", "Song", id="1", isrc="A"),
        make_track("Band", "Song - Remastered", id="2", isrc="B", album="Live"),
        make_track("The Band", "Tune", id="3", isrc="B"),
        make_track("Other", "Tune", id="4", isrc="A"),
        make_track("Other", "Air", id="5"),
    ]
)
found = st.lists(
    st.builds(
        make_found,
        st.sampled_from(["Band", "The Band", "Other"]),
        st.sampled_from(["Song", "Song - Remastered", "Tune", "Air"]),
        seed=st.sampled_from("xy"),
        rank=st.integers(1, 3),
        track=st.none() | tracks,
    ),
    max_size=12,
)


@given(found, st.randoms())
def test_the_order_of_what_was_found_does_not_matter(words, random):
    shuffled = list(words)
    random.shuffle(shuffled)
    assert merge(shuffled) == merge(words)


@given(found)
def test_merging_what_was_merged_changes_nothing_and_loses_no_word(words):
    candidates = merge(words)
    again = [word for candidate in candidates for word in candidate.found]
    assert merge(again) == candidates
    assert len(again) == len(words)
    assert len({candidate.key for candidate in candidates}) == len(candidates)
