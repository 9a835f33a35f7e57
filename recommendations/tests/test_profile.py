from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.candidates import Heard, Listening, Profile
from recommendations.identity import artist_key, match_key
from recommendations.profile import ARTISTS, build_profile
from recommendations.tests.builders import NOW, make_heard

TODAY = NOW.date()
OURS = "spotify:playlist:ours"


def make_likes(count: int, days: float = 400) -> tuple[Heard, ...]:
    return tuple(make_heard(f"Liked {n}", f"Like {n}", days + n) for n in range(count))


def make_plays(count: int, **fields) -> tuple[Heard, ...]:
    return tuple(make_heard(f"Played {n}", f"Play {n}", n / 24, **fields) for n in range(count))


def build(seed: int = 1, size: int = 20, **listening: Any) -> Profile:
    return build_profile(Listening(**listening), {"ours"}, {"source": 0.5}, TODAY, random.Random(seed), size)


def origins(profile: Profile) -> Counter[str]:
    return Counter(seed.origin for seed in profile.seeds)


def test_half_are_plays_and_half_are_likes():
    profile = build(likes=make_likes(100), plays=make_plays(50))
    assert origins(profile) == {"play": 10, "like": 10}


def test_the_latest_plays_are_seeds_every_day():
    drawn = build(likes=make_likes(100), plays=make_plays(50)).seeds
    assert {f"Play {n}" for n in range(5)} < {seed.name for seed in drawn if seed.origin == "play"}


def test_another_day_draws_other_plays():
    plays = make_plays(50)
    monday, tuesday = ({seed.key for seed in build(day, plays=plays, likes=make_likes(50)).seeds} for day in (1, 2))
    assert len(monday & tuesday) < 12


def test_what_he_rejected_or_only_heard_from_us_is_not_known():
    likes, plays = make_likes(3), make_plays(2, context=OURS)
    profile = build(likes=likes, plays=plays, disliked=frozenset({likes[0].key}))
    assert profile.known == {one.key for one in likes[1:]}


def test_a_track_played_all_day_is_one_seed():
    plays = tuple(make_heard("Band", "Song", n / 24) for n in range(50))
    assert [seed.name for seed in build(plays=plays).seeds] == ["Song"]


def test_another_day_draws_other_likes():
    likes = make_likes(200)
    monday, again, tuesday = build(1, likes=likes), build(1, likes=likes), build(2, likes=likes)
    assert monday == again
    assert len({seed.key for seed in monday.seeds} & {seed.key for seed in tuesday.seeds}) < 10


def test_fresh_likes_are_drawn_more_often_than_old_ones():
    old, fresh = make_likes(100), tuple(make_heard(f"Fresh {n}", f"New {n}", 1) for n in range(100))
    drawn = Counter(seed.artist.split()[0] for day in range(50) for seed in build(day, likes=old + fresh).seeds)
    assert drawn["Fresh"] > 1.5 * drawn["Liked"]


def test_what_he_asked_more_of_is_always_a_seed():
    wanted, heard = make_heard("Wanted", "Wanted", 900), make_heard("Heard", "Heard", 29)
    profile = build(
        likes=(*make_likes(200), wanted), plays=(*make_plays(30), heard), liked_more=frozenset({wanted.key, heard.key})
    )
    assert {wanted.key, heard.key} <= {seed.key for seed in profile.seeds}


@pytest.mark.parametrize(("likes", "plays"), [(3, 50), (100, 4), (0, 50), (100, 0)])
def test_what_one_half_lacks_the_other_fills(likes, plays):
    assert len(build(likes=make_likes(likes), plays=make_plays(plays)).seeds) == 20


def test_a_newcomer_gets_what_there_is():
    assert not build().seeds
    assert not build().artists
    assert len(build(likes=make_likes(2), plays=make_plays(1)).seeds) == 3


def test_our_own_playlists_do_not_echo():
    profile = build(likes=make_likes(30), plays=make_plays(30, context=OURS))
    assert origins(profile) == {"like": 20}
    assert "played0" not in profile.known_artists


def test_echoes_are_few_and_count_little_where_there_is_nothing_else():
    assert origins(build(likes=make_likes(12), plays=make_plays(30, context=OURS))) == {"play": 3, "like": 12}
    profile = build(likes=make_likes(2), plays=make_plays(30, context=OURS))
    assert origins(profile) == {"play": 3, "like": 2}
    assert {seed.origin: seed.weight for seed in profile.seeds} == {"like": 1.0, "play": 0.3}


def test_a_track_also_played_of_his_own_accord_is_no_echo():
    echo, own = make_heard("Band", "Song", 1, context=OURS), make_heard("Band", "Song", 2)
    (seed,) = build(plays=(echo, own)).seeds
    assert seed.weight == 1.0


def test_what_he_rejected_is_never_a_seed_nor_a_known_artist():
    bad, blocked = make_heard("Bad", "Bad", 1), make_heard("Blocked", "Any", 1)
    profile = build(likes=(bad, blocked), plays=(bad, blocked), disliked={bad.key}, blocked={"blocked"})
    assert not profile.seeds
    assert not profile.artists
    assert not profile.known_artists


def test_one_artist_gives_at_most_four_seeds():
    plays = tuple(make_heard("Band", f"Song {n}", n) for n in range(20))
    assert len(build(plays=plays, likes=plays).seeds) == 4


def test_artists_are_those_with_most_tracks_where_fresh_ones_count_double():
    old = tuple(make_heard("Old", f"Song {n}", 900) for n in range(4))
    fresh = tuple(make_heard("Fresh", f"Song {n}", 0) for n in range(3))
    other = tuple(make_heard(f"Other {n}", "Song", 900) for n in range(60))
    profile = build(likes=(*fresh, *old, *other))
    assert [(artist.name, artist.count) for artist in profile.artists[:2]] == [("Fresh", 3), ("Old", 4)]
    assert len(profile.artists) == ARTISTS
    assert len(profile.known_artists) == 62


def test_an_artist_carries_an_id_and_the_newest_track():
    old, new = make_heard("Band", "Old", 9), make_heard("The Band", "New", 1, artist_id="")
    (artist,) = build(likes=(new, old)).artists
    assert (artist.id, artist.key, artist.track, artist.count) == ("id of Band", "band", "New", 2)


def test_a_track_both_liked_and_played_is_counted_once():
    one = make_heard("Band", "Song", 1)
    assert build(likes=(one,), plays=(one,)).known_artists == {"band": 1}


def test_the_weights_of_sources_go_with_the_profile():
    assert build().source_weights == {"source": 0.5}


heard = st.lists(
    st.builds(
        make_heard,
        st.sampled_from(["A", "B", "C", "D", "E"]),
        st.sampled_from(["One", "Two", "Three", "Four"]),
        st.integers(0, 60),
        context=st.sampled_from(["", OURS]),
    ),
    max_size=40,
)


@given(heard, heard, st.integers(0, 12), st.randoms())
def test_a_profile_keeps_its_promises_whatever_was_heard(likes, plays, size, shuffler):
    disliked, blocked = frozenset({match_key("A", "One")}), frozenset({"b"})
    listening: dict[str, Any] = {"disliked": disliked, "blocked": blocked}
    profile = build(size=size, likes=tuple(likes), plays=tuple(plays), **listening)
    keys = [seed.key for seed in profile.seeds]
    assert len(keys) == len(set(keys)) <= size
    assert not disliked & set(keys)
    assert not {artist_key(seed.artist) for seed in profile.seeds} & blocked
    assert max(Counter(artist_key(seed.artist) for seed in profile.seeds).values(), default=0) <= 4
    shuffler.shuffle(likes)
    shuffler.shuffle(plays)
    assert build(size=size, likes=tuple(likes), plays=tuple(plays), **listening).seeds == profile.seeds
