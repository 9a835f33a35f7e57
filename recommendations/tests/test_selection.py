from __future__ import annotations

from collections import Counter
from datetime import timedelta
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.candidates import Given, Heard, Listening, Selection
from recommendations.identity import artist_key, match_key
from recommendations.own import forgotten
from recommendations.selection import select
from recommendations.tests.builders import NOW, ago, make_given, make_heard, make_ranked, make_track


def choose(ranked, size=10, ratio=0.8, days=60, listening=None, **how) -> Selection:
    listening = listening or Listening()
    return select(ranked, listening=listening, size=size, min_new_ratio=ratio, cooldown_days=days, now=NOW, **how)


def fresh(count: int, score: float = 1.0):
    """New tracks of as many artists, best first."""
    return [make_ranked(f"New {n:03}", "Song", score - n / 1000) for n in range(count)]


def old(count: int, artist: str = "Old"):
    return [make_heard(f"{artist} {n:03}", "Song") for n in range(count)]


def ranked_of(heard: list[Heard], score: float = 0.5):
    return [make_ranked(one.artist, one.name, score - n / 1000) for n, one in enumerate(heard)]


def names(selection: Selection) -> list[str]:
    return [pick.candidate.artist for pick in selection.picks]


def test_nothing_gives_way_where_there_is_enough():
    selection = choose(fresh(30))
    assert selection.relaxations == ()
    assert names(selection) == [f"New {n:03}" for n in range(10)]
    assert selection.novelty == 1.0
    assert {selection.fates[match_key(f"New {n:03}", "Song")] for n in range(10, 30)} == {"ranked_below"}
    assert [selection.fates[pick.candidate.key] for pick in selection.picks] == [f"picked:{n}" for n in range(1, 11)]


# What gives way, each alone


def test_spacing_alone_gives_way():
    ranked = [make_ranked(artist, title, 1.0) for artist in "AB" for title in ("one", "two")]
    selection = choose(ranked, size=4)
    assert selection.relaxations == ("spacing",)
    assert names(selection) == ["A", "B", "A", "B"]


def test_spacing_does_not_give_way_where_a_weaker_track_saves_it():
    ranked = [make_ranked(artist, title, 1.0) for artist in "AB" for title in ("one", "two")]
    selection = choose([*ranked, make_ranked("C", "one", 0.1)], size=4)
    assert selection.relaxations == ()
    assert sorted(names(selection)) == ["A", "A", "B", "C"]


def test_spacing_gives_way_before_the_artist_cap():
    ranked = [make_ranked("A", title, 1.0) for title in ("one", "two", "three")]
    selection = choose([*ranked, *(make_ranked("B", title, 0.1) for title in ("one", "two"))], size=4)
    assert selection.relaxations == ("spacing",)


def test_the_artist_cap_alone_gives_way():
    ranked = [*fresh(6), *(make_ranked("Prolific", f"Song {n}", 0.9) for n in range(5))]
    selection = choose(ranked, size=9)
    assert selection.relaxations == ("artist_cap",)
    assert Counter(names(selection))["Prolific"] == 3


def test_likes_not_heard_lately_alone_give_way():
    likes = old(2)
    listening = Listening(likes=tuple(likes), plays=tuple(likes))
    selection = choose([*fresh(8), *ranked_of(likes)], listening=listening)
    assert selection.relaxations == ("likes_not_heard_lately",)
    assert selection.novelty == 0.8


def test_min_new_ratio_alone_gives_way():
    likes, heard_lately = old(5), old(5, "Played")
    listening = Listening(likes=(*likes, *heard_lately), plays=tuple(heard_lately))
    selection = choose([*fresh(7), *ranked_of(likes, 0.1), *ranked_of(heard_lately, 0.9)], listening=listening)
    assert selection.relaxations == ("min_new_ratio",)
    assert selection.novelty == 0.7


def test_the_cool_down_alone_gives_way():
    given_lately = [make_given(f"Given {n}", "Song", days=3) for n in range(2)]
    ranked = [*fresh(8), *(make_ranked(f"Given {n}", "Song", 0.5) for n in range(2))]
    selection = choose(ranked, listening=Listening(history=tuple(given_lately)))
    assert selection.relaxations == ("cool_down",)
    assert selection.novelty == 0.8


def test_at_last_the_list_is_shorter():
    selection = choose(fresh(7))
    assert selection.relaxations == ("short",)
    assert len(selection.picks) == 7


def test_a_rule_gives_way_only_as_far_as_it_must():
    likes = old(10)
    ranked = [*fresh(5), *(make_ranked("Prolific", f"Song {n}", 0.9) for n in range(9)), *ranked_of(likes, 2.0)]
    selection = choose(ranked, listening=Listening(likes=tuple(likes)))
    assert selection.relaxations == ("artist_cap",)
    assert Counter(names(selection))["Prolific"] == 3
    assert selection.novelty == 0.8


# New and reused


def test_new_tracks_are_preferred_to_better_scored_old_ones():
    likes = old(10)
    selection = choose([*fresh(9), *ranked_of(likes, 5.0)], listening=Listening(likes=tuple(likes)))
    assert sum(pick.is_new for pick in selection.picks) == 9
    assert selection.fates[likes[5].key] == "not_new"


def test_the_reused_share_holds_likes_not_heard_lately_and_tracks_given_long_ago():
    like, given_long_ago, given_lately = old(1)[0], make_given("Long ago", "Song", 60), make_given("Lately", "Song", 59)
    ranked = [*fresh(8), *(make_ranked(name, "Song", 0.5) for name in ("Old 000", "Long ago", "Lately"))]
    selection = choose(ranked, listening=Listening(likes=(like,), history=(given_lately, given_long_ago)))
    assert {pick.candidate.artist for pick in selection.picks if not pick.is_new} == {"Old 000", "Long ago"}
    assert selection.fates[match_key("Lately", "Song")] == "cool_down"
    assert selection.relaxations == ()


def test_a_like_that_was_given_lately_has_to_cool_down_too():
    like = make_heard("Old", "Song")
    listening = Listening(likes=(like,), history=(make_given("Old", "Song", 5),))
    selection = choose(fresh(9), listening=listening, familiar=[like])
    assert selection.relaxations == ("cool_down",)


def test_the_last_time_counts_of_a_track_given_under_two_ids():
    history = (make_given("A", "a", 90, id="1"), make_given("A", "a", 5, id="2"))
    assert choose([make_ranked("A", "a", 1.0)], listening=Listening(history=history[::-1])).relaxations[-2:] == (
        "cool_down",
        "short",
    )


@pytest.mark.parametrize(
    ("size", "ratio", "new"),
    [(30, 0.8, 24), (10, 0.07, 1), (100, 0.07, 7), (30, 0.7, 21), (3, 1 / 3, 1), (7, 1.0, 7), (5, 0.0, 0)],
)
def test_the_floor_of_new_tracks_is_exact(size, ratio, new):
    likes = old(200)
    selection = choose([*fresh(new), *ranked_of(likes)], size, ratio, listening=Listening(likes=tuple(likes)))
    assert selection.relaxations == ()
    assert sum(pick.is_new for pick in selection.picks) == new
    if new:
        less = choose([*fresh(new - 1), *ranked_of(likes)], size, ratio, listening=Listening(likes=tuple(likes)))
        assert less.relaxations == ("min_new_ratio",)


def test_his_own_likes_fill_up_in_the_order_given_where_all_that_was_found_is_known():
    likes = old(20)
    selection = choose(ranked_of(likes[:3]), listening=Listening(likes=tuple(likes)), familiar=likes[::-1])
    assert selection.relaxations == ("min_new_ratio",)
    assert names(selection) == [f"Old {n:03}" for n in (0, 1, 2, 19, 18, 17, 16, 15, 14, 13)]
    assert all(pick.track for pick in selection.picks[3:])
    assert selection.fates[likes[19].key] == "picked:4"


def test_a_short_list_that_misses_the_ratio_says_so():
    likes = old(2)
    selection = choose([*fresh(3), *ranked_of(likes)], listening=Listening(likes=tuple(likes)))
    assert selection.relaxations == ("min_new_ratio", "short")


# What is dropped


def test_disliked_blocked_and_recently_played_are_never_picked():
    listening = Listening(
        disliked=frozenset({match_key("Bad", "Song")}),
        blocked=frozenset({artist_key("Blocked")}),
        plays=(make_heard("Played", "Song", 1),),
    )
    ranked = [make_ranked(name, "Song", 1.0) for name in ("Bad", "Blocked", "Played", "Good")]
    selection = choose(ranked, listening=listening)
    assert names(selection) == ["Good"]
    assert [selection.fates[match_key(name, "Song")] for name in ("Bad", "Blocked", "Played")] == [
        "disliked",
        "blocked",
        "recently_played",
    ]


def test_a_disliked_or_blocked_like_does_not_come_back_as_a_fallback():
    bad, blocked = make_heard("Bad", "Song"), make_heard("Blocked", "Song")
    listening = Listening(likes=(bad, blocked), disliked=frozenset({bad.key}), blocked=frozenset({"blocked"}))
    assert choose([], listening=listening, familiar=[bad, blocked]).picks == ()


def test_a_blocked_artist_is_blocked_as_a_guest_too():
    track = make_track("Good|Blocked", "Song")
    listening = Listening(blocked=frozenset({"blocked"}))
    assert not choose([make_ranked("Good", "Song", 1.0, track=track)], listening=listening).picks


@pytest.mark.parametrize("mark", ["key", "isrc", "id"])
@pytest.mark.parametrize("where", ["likes", "plays", "history"])
def test_what_he_has_is_known_by_key_isrc_and_id_once_resolved(where, mark):
    track = make_track("Kino", "Gruppa krovi", id="1", isrc="RU1")
    facts: dict[str, Any] = {
        "id": "2",
        "isrc": "RU2",
        "key": "other",
        mark: {"id": "1", "isrc": "RU1", "key": "kino | gruppakrovi"}[mark],
    }
    one = (
        Given(last=ago(90), **facts)
        if where == "history"
        else Heard(name="", artist="", artist_id="", at=ago(5), **facts)
    )
    ranked = [make_ranked("Кино", "Группа крови", 1.0)]
    what: dict[str, Any] = {where: (one,)}
    listening = Listening(**what)
    assert choose(ranked, listening=listening).novelty == 1.0
    resolved = {ranked[0].candidate.key: track}
    assert not any(pick.is_new for pick in choose(ranked, listening=listening, resolved=resolved).picks)
    assert all(pick.is_new for pick in choose(ranked, resolved=resolved).picks)


def test_two_names_that_resolve_to_one_track_are_picked_once():
    ranked = [make_ranked("Kino", "Gruppa krovi", 1.0), make_ranked("Кино", "Группа крови", 0.9), *fresh(3, 0.5)]
    track = make_track("Кино", "Группа крови")
    resolved = {one.candidate.key: make_track("New", one.candidate.key) for one in ranked[2:]}
    resolved |= {one.candidate.key: track for one in ranked[:2]}
    selection = choose(ranked, resolved=resolved, size=3)
    assert len({pick.track and pick.track.id for pick in selection.picks}) == 3
    assert selection.fates["кино | группакрови"] == "duplicate"


@pytest.mark.parametrize("takes", [("Everlong", "Everlong - Acoustic"), ("Everlong (Live)", "Everlong (X Remix)")])
@pytest.mark.parametrize("first", [0, 1])
def test_a_song_is_in_a_list_once_whatever_the_take(takes, first):
    ranked = [make_ranked("Foo Fighters", take, 1.0 if n == first else 0.9) for n, take in enumerate(takes)]
    selection = choose([*ranked, *fresh(3, 0.5)], size=4)
    assert [pick.candidate.title for pick in selection.picks if "Foo" in pick.candidate.artist] == [takes[first]]
    assert selection.fates[ranked[1 - first].candidate.key] == "duplicate"


# Names and tracks


def test_names_are_chosen_first_and_only_known_tracks_after_looking_up():
    ranked = [*fresh(4), make_ranked("Carried", "Song", 0.1, track=make_track("Carried", "Song"))]
    assert [pick.track for pick in choose(ranked, size=3).picks] == [None] * 3
    keys = [one.candidate.key for one in ranked]
    selection = choose(ranked, size=3, unavailable={keys[0]}, resolved={keys[1]: make_track("New 001", "Song")})
    assert names(selection) == ["New 001", "Carried"]
    assert all(pick.track for pick in selection.picks)
    assert [selection.fates[key] for key in keys[:3]] == ["not_at_spotify", "picked:1", "not_looked_up"]


def test_names_that_spotify_does_not_have_are_not_chosen_again():
    ranked = fresh(4)
    assert names(choose(ranked, size=2, unavailable={ranked[0].candidate.key})) == ["New 001", "New 002"]


# Filters before truncation


def test_a_thousand_known_tracks_on_top_do_not_hide_the_new_ones_below():
    known = old(1000)
    selection = choose([*ranked_of(known, 9.0), *fresh(10)], listening=Listening(plays=tuple(known)))
    assert selection.relaxations == ()
    assert selection.novelty == 1.0


def test_a_thousand_tracks_of_one_artist_on_top_do_not_hide_the_others():
    crowd = [make_ranked("Prolific", f"Song {n}", 9.0) for n in range(1000)]
    selection = choose([*crowd, *fresh(8)])
    assert selection.relaxations == ()
    assert Counter(names(selection))["Prolific"] == 2
    assert Counter(selection.fates.values())["artist_cap"] == 998


# Diversity and order


def test_of_nearly_equal_tracks_the_one_that_is_less_alike_wins():
    ranked = [
        make_ranked("A", "a", 1.0, vector={"x": 1.0}),
        make_ranked("B", "b", 0.97, vector={"x": 0.5}),
        make_ranked("C", "c", 0.95, vector={"y": 1.0}),
        make_ranked("D", "d", 0.5, vector={"z": 1.0}),
    ]
    assert names(choose(ranked, size=3)) == ["A", "C", "B"]


def test_matches_too_small_to_be_squared_are_like_nothing():
    ranked = [
        make_ranked("A", "a", 1.0, vector={"x": 1e-170}),
        make_ranked("B", "b", 0.9, vector={"x": 1.0}),
        make_ranked("C", "c", 0.8, vector={"x": 1e-160}),
    ]
    assert names(choose(ranked, size=3)) == ["A", "B", "C"]


def test_two_tracks_of_an_artist_stand_apart_and_strength_leads_otherwise():
    ranked = [make_ranked("A", "one", 2.0), make_ranked("A", "two", 1.9), *fresh(8)]
    got = names(choose(ranked))
    assert got[0] == got[3] == "A"
    assert [name for name in got if name != "A"] == [f"New {n:03}" for n in range(8)]


# Whatever comes

ARTISTS, TITLES = (
    st.sampled_from(["A", "B", "C", "D", "E", "F"]),
    st.sampled_from(["one", "two", "three", "one (live)"]),
)


@st.composite
def wishes(draw):
    scores = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])
    ranked = draw(
        st.lists(st.builds(make_ranked, ARTISTS, TITLES, scores), max_size=20, unique_by=lambda one: one.candidate.key)
    )
    heard = st.lists(st.builds(make_heard, ARTISTS, TITLES, st.integers(1, 90)), max_size=6)
    likes, plays = tuple(draw(heard)), tuple(draw(heard))
    history = tuple(draw(st.lists(st.builds(make_given, ARTISTS, TITLES, st.integers(0, 120)), max_size=6)))
    listening = Listening(likes, plays, history, blocked=frozenset(draw(st.sets(st.sampled_from("ab"), max_size=1))))
    how = {
        "size": draw(st.integers(1, 12)),
        "ratio": draw(st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0])),
        "unavailable": draw(st.sets(st.sampled_from([one.candidate.key for one in ranked]))) if ranked else set(),
        "familiar": list(likes),
        "forgotten": forgotten(Listening(likes), (NOW + timedelta(days=400)).date()),
    }
    if draw(st.booleans()):
        how["resolved"] = {
            one.candidate.key: make_track(one.candidate.artist, one.candidate.title)
            for one in ranked
            if draw(st.booleans())
        }
    return ranked, listening, how


@given(wishes(), st.randoms())
def test_a_selection_keeps_its_promises_whatever_comes(wish, random):
    ranked, listening, how = wish
    selection = choose(ranked, listening=listening, **how)
    picks, gave_way = selection.picks, selection.relaxations
    keys = [pick.candidate.key for pick in picks]
    artists = names(selection)
    assert len(keys) == len(set(keys)) <= how["size"]
    assert ("short" in gave_way) == (len(keys) < how["size"])
    assert "artist_cap" in gave_way or max(Counter(artists).values(), default=0) <= 2
    assert "spacing" in gave_way or all(artists[n] not in artists[max(0, n - 2) : n] for n in range(len(artists)))
    assert "min_new_ratio" in gave_way or sum(pick.is_new for pick in picks) >= ceil(how["ratio"] * len(picks) - 1e-9)
    lately = {one.key for one in listening.history if one.last > ago(60)}
    assert "cool_down" in gave_way or not lately & set(keys)
    played = {one.key for one in listening.plays}
    assert not (played - {one.key for one in listening.likes}) & set(keys)
    assert "likes_not_heard_lately" in gave_way or not played & set(keys) - lately
    assert not listening.blocked & {artist_key(name) for name in artists}
    known = {one.key for one in (*listening.likes, *listening.plays, *listening.history)}
    assert all(pick.is_new == (pick.candidate.key not in known) for pick in picks)
    assert {one.candidate.key for one in ranked} <= selection.fates.keys()
    assert {key: fate for key, fate in selection.fates.items() if fate.startswith("picked")} == {
        key: f"picked:{n}" for n, key in enumerate(keys, 1)
    }
    random.shuffle(ranked)
    assert choose(ranked, listening=listening, **how) == selection


@given(wishes())
def test_no_rule_gives_way_while_the_list_could_be_filled_without(wish):
    ranked, listening, how = wish
    selection = choose(ranked, listening=listening, **how)
    if "cool_down" in selection.relaxations or "short" in selection.relaxations:
        left = {key for key, fate in selection.fates.items() if fate in ("ranked_below", "artist_cap", "not_new")}
        assert not left
