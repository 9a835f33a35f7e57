from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.candidates import Candidate, Listening, Selection
from recommendations.dedupe import merge
from recommendations.identity import match_key
from recommendations.own import forgotten
from recommendations.ranking import rank
from recommendations.recommend import longest_unheard_first
from recommendations.replay import Stored, TooOld, is_open, pack, replay, unpack
from recommendations.selection import select
from recommendations.tests.builders import NOW, make_found, make_given, make_heard, make_profile, make_track

ARTISTS = ("A", "B", "C", "D feat. A", "Кино", "Rain Sounds")
TITLES = ("one", "two", "three (live)", "one (feat. B)", "Группа крови", "White noise for sleep")
SEEDS = (match_key("Seed", "One"), match_key("Seed", "Two"), "a", "b")
WORDS = st.tuples(
    st.sampled_from(["similar_track", "recommended", "artist_top", "similar_artist", "deep_cut", "search", "tag"]),
    st.sampled_from(["lastfm", "spotify"]),
    st.sampled_from(SEEDS),
    st.just(0.0) | st.floats(0.001, 1),
    st.integers(1, 9),
)


@st.composite
def tracks(draw, artist: str, title: str):
    fields = {"isrc": draw(st.sampled_from(["", "R1", "R2"])), "popularity": draw(st.sampled_from([None, 3, 90]))}
    return make_track(artist.replace(" feat. ", "|"), title, cover="https://pictures.example/1", **fields)


@st.composite
def heard(draw):
    artist, title = draw(st.sampled_from(ARTISTS)), draw(st.sampled_from(TITLES))
    fields = {"isrc": draw(st.sampled_from(["", "R1", "R3"])), "guests": draw(st.sampled_from([(), ("A",)]))}
    return make_heard(artist, title, draw(st.sampled_from([1, 20, 90, 500])), **fields)


@st.composite
def candidates(draw) -> list[Candidate]:
    found = []
    for artist in ARTISTS:
        for title in draw(st.lists(st.sampled_from(TITLES), max_size=4, unique=True)):
            track = draw(st.none() | tracks(artist, title))
            for relation, source, seed, match, place in draw(st.lists(WORDS, min_size=1, max_size=3)):
                told = {"relation": relation, "source": source, "seed": seed, "match": match, "rank": place}
                found.append(make_found(artist, title, because=f"like {seed}", track=track, **told))
    return merge(found)


@st.composite
def listenings(draw) -> Listening:
    likes, plays = (tuple(draw(st.lists(heard(), max_size=6))) for _ in range(2))
    given_ = st.builds(make_given, st.sampled_from(ARTISTS), st.sampled_from(TITLES), st.integers(0, 120))
    rejected = st.frozensets(st.sampled_from([match_key("A", "one"), "R1", "id of b | two"]), max_size=1)
    return Listening(
        likes,
        plays,
        tuple(draw(st.lists(given_, max_size=6))),
        disliked=draw(rejected),
        blocked=draw(st.frozensets(st.sampled_from("ab"), max_size=1)),
    )


@st.composite
def choices(draw) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arguments of `rank` and of `select`, as a run may have them."""
    merged, listening = draw(candidates()), draw(listenings())
    profile = make_profile(draw(st.integers(0, 2)), {"A": 3, "Кино": 1, "Elsewhere": 9})
    profile = replace(profile, source_weights={"lastfm": draw(st.sampled_from([0.5, 1.0, 2.0]))})
    open_ones = [one for one in merged if one.track is None]
    state = {one.key: draw(st.sampled_from(["found", "missing", "open"])) for one in open_ones}
    rated = {
        "candidates": merged,
        "profile": profile,
        "known": {one.key for one in (*listening.likes, *listening.plays)},
        "wildness": draw(st.sampled_from([0.0, 0.2])),
    }
    chosen = {
        "listening": listening,
        "size": draw(st.integers(1, 9)),
        "min_new_ratio": draw(st.sampled_from([0.0, 0.5, 0.8, 1.0])),
        "cooldown_days": draw(st.sampled_from([0, 30, 60])),
        "now": NOW,
        "unavailable": {key for key, one in state.items() if one == "missing"},
        "resolved": {one.key: draw(tracks(one.artist, one.title)) for one in open_ones if state[one.key] == "found"},
        "familiar": longest_unheard_first(listening),
        "forgotten": forgotten(listening, NOW.date()),
        "artificial": draw(st.frozensets(st.sampled_from(["b", "id of C"]), max_size=1)),
        "shares": draw(st.sampled_from([{}, {"ru": 0.4, "latin": 0.6}])),
    }
    return rated, chosen


def kept(rated: dict[str, Any], chosen: dict[str, Any]) -> tuple[Selection, Stored]:
    selection = select(rank(**rated), **chosen)
    return selection, unpack(json.loads(json.dumps(pack(rated, chosen, selection))))


def shown(selection: Selection) -> list[tuple[Any, ...]]:
    return [
        (
            pick.candidate.key,
            pick.track and (pick.track.id, pick.track.name, pick.track.isrc),
            pick.score,
            pick.is_new,
            pick.reason and (pick.reason.source, pick.reason.relation, pick.reason.because),
        )
        for pick in selection.picks
    ]


@given(choices())
def test_without_changes_the_same_list_comes_with_the_same_fates_and_scores(choice):
    selection, stored = kept(*choice)
    again = replay(stored)
    assert shown(again.selection) == shown(selection)
    assert again.selection.fates == selection.fates
    assert again.selection.relaxations == selection.relaxations
    assert [(one.candidate.key, one.score, one.parts) for one in again.ranked] == [
        (one.candidate.key, one.score, one.parts) for one in rank(**choice[0])
    ]


@given(
    choices(), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0, 30, 400]), st.sampled_from([{}, {"lastfm": 3.0}])
)
def test_with_changes_the_list_is_the_one_that_the_run_would_have_made_of_what_it_had(choice, ratio, days, weights):
    rated, chosen = choice
    state = {
        "unavailable": {
            one.key for one in rated["candidates"] if one.track is None and one.key not in chosen["resolved"]
        }
    }
    chosen |= state  # nothing is left to look up, and no like left out
    chosen |= {name: chosen[name][: chosen["size"]] for name in ("familiar", "forgotten")}
    _selection, stored = kept(rated, chosen)
    weighed = replace(rated["profile"], source_weights=rated["profile"].source_weights | weights)
    changes = {"min_new_ratio": ratio, "cooldown_days": days, "wildness": 0.1}
    expected = select(
        rank(**(rated | {"profile": weighed, "wildness": 0.1})),
        **(chosen | {"min_new_ratio": ratio, "cooldown_days": days}),
    )
    assert shown(replay(stored, weights=weights, **changes).selection) == shown(expected)


def choice(
    *artists: str, size: int = 2, resolved: tuple[str, ...] = (), **asked: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """One candidate an artist, each a little worse than the one before; those in `resolved` are at Spotify."""
    found = [make_found(artist, "song", match=1 - n / 100) for n, artist in enumerate(artists)]
    tracks = {match_key(artist, "song"): make_track(artist, "song") for artist in resolved}
    chosen = {
        **{"listening": Listening(), "size": size, "min_new_ratio": 0.8, "cooldown_days": 60, "now": NOW},
        **{"unavailable": set(), "resolved": tracks, "familiar": [], "forgotten": [], "artificial": frozenset()},
    }
    return {"candidates": merge(found), "profile": make_profile(), "known": set()}, chosen | asked


def test_names_that_were_never_looked_up_are_shown_as_such_where_a_change_calls_for_them():
    _selection, stored = kept(*choice("A", "B", "C", "D", resolved=("A", "B")))
    assert replay(stored).open == 0
    longer = replay(stored, size=4)
    assert [pick.candidate.artist for pick in longer.selection.picks] == ["A", "B", "C", "D"]
    assert [is_open(pick.track) for pick in longer.selection.picks] == [False, False, True, True]
    assert longer.open == 2


def test_a_change_that_changes_nothing_calls_for_no_name_that_the_run_did_without():
    _selection, stored = kept(*choice("A", "B", "C", "D", resolved=("B", "C")))
    same = replay(stored, cooldown_days=61)
    assert [pick.candidate.artist for pick in same.selection.picks] == ["B", "C"]


def test_a_shorter_cool_down_gives_what_was_given_lately():
    listening = Listening(history=(make_given("A", "song", days=40),))
    asked: dict[str, Any] = {"listening": listening, "min_new_ratio": 0.0}
    _selection, stored = kept(*choice("A", "B", resolved=("A", "B"), size=2, **asked))
    before, after = replay(stored).selection, replay(stored, cooldown_days=30).selection
    assert "cool_down" in before.relaxations
    assert "cool_down" not in after.relaxations


def test_of_the_listener_only_what_touches_a_candidate_is_kept_and_no_name():
    like, other = make_heard("A", "song", context="spotify:playlist:hers"), make_heard("Secret", "love")
    asked: dict[str, Any] = {
        "listening": Listening(
            (like, other), (other,), (make_given("Secret", "love", 3),), blocked=frozenset({"secret"})
        ),
        "familiar": [],
        "artificial": frozenset({"thousands", "a"}),
    }
    rated, chosen = choice("A", "B", **asked)
    rated["profile"] = make_profile(1, {"A": 2, "Secret": 40})
    plain = pack(rated, chosen, select(rank(**rated), **chosen))
    text = json.dumps(plain)
    for absent in ("Secret", "secret", "hers", "thousands"):
        assert absent not in text
    kept_of = unpack(plain).chosen["listening"]
    assert [(one.key, one.name, one.artist) for one in kept_of.likes] == [(like.key, "", "")]


def test_of_his_own_likes_those_are_kept_that_may_fill_a_list():
    likes = [make_heard(f"Band {n}", "song", 900 - n) for n in range(300)]
    rated, chosen = choice("A", resolved=("A",), listening=Listening(tuple(likes)), familiar=likes)
    assert len(kept(rated, chosen)[1].chosen["familiar"]) == 2
    given_lately = tuple(make_given(f"Band {n}", "song", 1) for n in range(100))
    chosen["listening"] = Listening(tuple(likes), history=given_lately)
    chosen["min_new_ratio"] = 0.0
    selection, stored = kept(rated, chosen)
    assert len(stored.chosen["familiar"]) == 101
    assert shown(replay(stored).selection) == shown(selection)


@pytest.mark.parametrize(
    "plain", [{}, {"v": 1}, {"v": 2}, {"v": 3, "texts": [], "body": []}, {"v": 2, "texts": [], "body": [1]}]
)
def test_what_another_version_kept_is_too_old(plain):
    with pytest.raises(TooOld):
        unpack(plain)
