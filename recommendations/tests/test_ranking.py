from __future__ import annotations

from dataclasses import replace
from math import log, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.candidates import Found, Profile, Ranked
from recommendations.dedupe import merge
from recommendations.identity import match_key
from recommendations.ranking import rank
from recommendations.tests.builders import make_found, make_profile, make_track

ONE, TWO = match_key("Seed", "One"), match_key("Seed", "Two")


def rank_found(*words: Found, profile: Profile | None = None, **how: Any) -> dict[str, Ranked]:
    ranked = rank(merge(words), profile or make_profile(), **how)
    return {one.candidate.title: one for one in ranked}


def scores(*words: Found, **how: Any) -> dict[str, float]:
    return {title: one.score for title, one in rank_found(*words, **how).items()}


def test_a_vote_is_the_match_over_the_root_of_its_list():
    got = scores(
        make_found("A", "a", match=1.0),
        make_found("B", "b", match=0.5),
        make_found("C", "c", match=0.8, seed=TWO),
    )
    h = {"a": 1 / sqrt(1.5), "b": 0.5 / sqrt(1.5), "c": 0.8 / sqrt(0.8)}
    assert got == pytest.approx({title: value / max(h.values()) for title, value in h.items()})


def test_two_seeds_that_agree_count_more_than_one_that_is_loud():
    got = scores(
        make_found("A", "agreed", match=0.6),
        make_found("A", "agreed", match=0.6, seed=TWO),
        make_found("B", "loud", match=1.0),
    )
    assert got["agreed"] > got["loud"]


def test_lists_of_the_same_tracks_are_one_voice_and_not_many():
    tracks = ("A", "a"), ("B", "b"), ("C", "c")
    chorus = [make_found(*track, seed=f"chorus {n}") for n in range(12) for track in tracks]
    alone = [make_found("D", title, seed="alone") for title in ("d", "e", "f")]
    got = scores(*chorus, *alone)
    assert got["d"] == pytest.approx(got["a"] / (12 * 7 / (6 + 12)))  # twelve speak as loudly as less than five


def test_what_has_the_listeners_tracks_in_its_own_list_counts_up_to_half_more():
    words = make_found("A", "a", match=0.5), make_found("B", "b", match=0.5), make_found("C", "c", match=0.5)
    theirs = [
        make_found(artist, artist.lower(), relation="mutual", seed=TWO, match=m)
        for artist, m in (("A", 0.2), ("B", 0.1))
    ]
    assert scores(*words, *theirs) == pytest.approx({"a": 1.5, "b": 1.25, "c": 1.0})


def test_the_weight_of_a_source_scales_what_it_says_of_both_ends():
    words = [make_found(name, name.lower()) for name in ("A", "B")]
    theirs = [make_found(*of, relation="mutual", seed=TWO, source=of[1]) for of in (("A", "a"), ("B", "b"))]
    got = scores(*words, *theirs, profile=make_profile(source_weights={"b": 0.4}))
    assert got == pytest.approx({"a": 1.5, "b": 1.2})


def test_a_single_source_that_the_listener_heeds_less_says_less_of_both_ends():
    words = make_found("A", "a"), make_found("A", "a", relation="mutual", seed=TWO)
    part = rank_found(*words, profile=make_profile(source_weights={"lastfm_similar_tracks": 0.7}))["a"].parts
    assert part["mutual"] == pytest.approx(0.35)


def test_a_track_of_his_counts_once_however_many_lists_of_the_candidate_have_it():
    words = make_found("A", "a"), make_found("B", "b")
    once = [make_found(*of, relation="mutual", seed=TWO) for of in (("A", "a"), ("B", "b"))]
    assert scores(*words, *once) == scores(
        *words, *once, make_found("A", "a (Remastered)", relation="mutual", seed=TWO)
    )


def test_what_is_presumed_counts_where_nothing_is_told():
    words = make_found("A", "a"), make_found("B", "b"), make_found("C", "c")
    told = [
        make_found(artist, artist.lower(), relation="mutual", seed=TWO, match=m)
        for artist, m in (("A", 0.4), ("B", 0.2))
    ]
    presumed = [make_found(artist, artist.lower(), relation="presumed", seed="", match=0.2) for artist in "AC"]
    got = scores(*words, *told, *presumed)
    assert got == pytest.approx({"a": 1.5, "b": 1.25, "c": 1.25})


def test_one_list_has_one_say_of_a_track_however_often_it_names_it():
    once = scores(make_found("A", "a"), make_found("B", "b", match=0.5))
    twice = scores(make_found("A", "a"), make_found("B", "b", match=0.5), make_found("B", "b (Remastered)", match=0.4))
    assert once == twice


def test_known_tracks_are_taken_out_of_a_list_before_it_is_weighed():
    known, a, b = make_found("K", "k"), make_found("A", "a"), make_found("B", "b", seed=TWO)
    got = scores(known, a, b, known={match_key("K", "k")})
    assert got["a"] == got["b"] == 1.0
    assert scores(known, a, b)["a"] < scores(known, a, b)["b"]


def test_a_known_track_does_not_set_the_scale():
    loud = [make_found("K", "k", seed=seed) for seed in (ONE, TWO)]
    got = scores(*loud, make_found("A", "a"), make_found("B", "b", seed=TWO), known={match_key("K", "k")})
    assert got["a"] == 1.0 < got["k"]


def test_a_known_track_is_still_scored_for_the_reused_share():
    got = scores(make_found("K", "k"), known={match_key("K", "k")})
    assert got["k"] == 1.0


def test_a_list_without_matches_counts_by_rank():
    got = scores(
        make_found("A", "a", relation="recommended", match=0.0, rank=1),
        make_found("B", "b", relation="recommended", match=0.0, rank=12),
    )
    assert got["b"] / got["a"] == pytest.approx(11 / 22)


def test_artists_with_more_known_tracks_count_a_little_more():
    words = make_found("A", "a"), make_found("B", "b")
    got = scores(*words, profile=make_profile(known={"A": 9}))
    assert got["a"] / got["b"] == pytest.approx(1 + 0.25 * log(10))


def test_a_known_artists_top_list_adds_a_tenth_over_the_rank():
    vote = make_found("B", "b")
    top = make_found("A", "a", relation="artist_top", seed="a", match=0.0, rank=4)
    assert scores(vote, top, profile=make_profile(known={"A": 1}))["a"] == pytest.approx(0.10 / 4)
    assert scores(vote, top)["a"] == 0


@pytest.mark.parametrize("relation", ["deep_cut", "search"])
def test_deep_cuts_and_searches_count_half_of_a_top_list(relation):
    word = make_found("A", "a", relation=relation, seed="a", match=0.0, rank=1)
    assert scores(make_found("B", "b"), word, profile=make_profile(known={"A": 1}))["a"] == pytest.approx(0.05)


def test_a_similar_artists_top_track_counts_its_closeness_over_the_rank():
    word = make_found("N", "near", relation="similar_artist", seed="a", match=0.6, rank=2)
    assert scores(make_found("B", "b"), word)["near"] == pytest.approx(0.05 * 0.6 / 2)


def test_without_any_word_on_tracks_the_artists_still_rank_and_count_double():
    near = make_found("N", "near", relation="similar_artist", seed="a", match=1.0, rank=1)
    far = make_found("F", "far", relation="similar_artist", seed="a", match=0.2, rank=1)
    deep = make_found("A", "deep", relation="deep_cut", seed="a", match=0.0, rank=3)
    got = scores(near, far, deep, profile=make_profile(known={"A": 1}))
    assert list(got) == ["near", "far", "deep"]
    assert got["near"] == pytest.approx(0.10)


def test_the_weight_of_a_seed_scales_its_votes():
    profile = make_profile()
    profile = replace(profile, seeds=(profile.seeds[0], replace(profile.seeds[1], weight=0.3)))
    got = scores(make_found("A", "a"), make_found("B", "b", seed=TWO), profile=profile)
    assert got == pytest.approx({"a": 1.0, "b": 0.3})


def test_the_weight_of_a_source_scales_its_votes():
    words = make_found("A", "a", source="loud"), make_found("B", "b", source="quiet", seed=TWO)
    got = scores(*words, profile=make_profile(source_weights={"quiet": 0.5}))
    assert got == pytest.approx({"a": 1.0, "b": 0.5})


def test_the_wilder_the_fewer_artists_whom_he_knows():
    words = make_found("A", "a"), make_found("B", "b", match=0.9)
    profile = make_profile(known={"A": 1})
    tame, half, wild = (scores(*words, profile=profile, wildness=dial) for dial in (0.0, 0.5, 1.0))
    assert tame["a"] > tame["b"] > half["a"] > wild["a"] == 0 < wild["b"]


def test_the_wilder_the_less_counts_that_many_of_his_tracks_lead_there():
    agreed = [make_found("A", "agreed", seed=f"seed {n}", match=0.4) for n in range(4)]
    words = (*agreed, make_found("B", "far", seed="seed 0", match=1.0))
    assert scores(*words)["agreed"] > scores(*words)["far"]
    assert scores(*words, wildness=1.0)["agreed"] < scores(*words, wildness=1.0)["far"]


def test_wildness_prefers_the_unpopular_and_leaves_the_untold_alone():
    def word(title: str, popularity: int | None) -> Found:
        return make_found(title, title, track=make_track(title, title, popularity=popularity))

    words = word("hit", 90), word("rare", 10), word("untold", None)
    assert len(set(scores(*words).values())) == 1
    wild = scores(*words, wildness=0.2)
    assert wild["hit"] < wild["rare"] < wild["untold"] == 1


def test_the_parts_add_up_to_the_score_and_the_vector_holds_the_matches():
    ranked = rank_found(
        make_found("A", "a", match=0.7),
        make_found("A", "a", relation="artist_top", seed="a", source="lastfm_top_tracks", match=0.0),
        make_found("A", "a", relation="similar_artist", seed="b", match=0.5),
        profile=make_profile(known={"A": 2}),
    )["a"]
    assert sum(ranked.parts.values()) == pytest.approx(ranked.score)
    assert all(ranked.parts.values())
    assert ranked.vector == {f"lastfm_similar_tracks {ONE}": 0.7}


def test_nothing_to_rank_is_nothing():
    assert rank([], make_profile()) == []


words = st.lists(
    st.builds(
        make_found,
        st.sampled_from("ABC"),
        st.sampled_from("abcdef"),
        relation=st.sampled_from(
            ["similar_track", "recommended", "artist_top", "similar_artist", "deep_cut", "search"]
        ),
        seed=st.sampled_from([ONE, TWO, "a", "b"]),
        match=st.sampled_from([0.0, 0.25, 0.5, 1.0]),
        rank=st.integers(1, 9),
    ),
    max_size=30,
)


@given(words, st.randoms())
def test_ranking_is_best_first_and_blind_to_the_order_of_its_input(found, random):
    candidates = merge(found)
    profile = make_profile(known={"A": 3})
    ranked = rank(candidates, profile)
    random.shuffle(candidates)
    assert rank(candidates, profile) == ranked
    assert [(-one.score, one.candidate.key) for one in ranked] == sorted((-r.score, r.candidate.key) for r in ranked)
    assert all(one.score >= 0 for one in ranked)
