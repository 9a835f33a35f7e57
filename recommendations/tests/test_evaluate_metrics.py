from __future__ import annotations

import random
from math import log2

import numpy as np
import pytest

from recommendations.evaluation import baselines
from recommendations.evaluation.data import Data
from recommendations.evaluation.metrics import Bootstrap, Told, beyond, overall, relevance
from recommendations.evaluation.month import capped, figures, unrolled
from recommendations.evaluation.others import Others, cosine
from recommendations.tests.builders import make_found

KEPT = [[0, 1], [0, 1], [0, 2], [3]]
ANY_RNG = random.Random(0)
ARTISTS = [0, 0, 1, 2, 3]  # nobody has track 4


def others() -> Others:
    data = Data(ARTISTS, {str(n): kept for n, kept in enumerate(KEPT)})
    return Others.of(data, list(data.listeners))


def test_relevance_by_hand():
    told = relevance([[7, 1, 8, 2], []], [frozenset({1, 2, 3}), frozenset({1})])
    ideal = 1 + 1 / log2(3) + 1 / log2(4)
    assert told["ndcg@30"].tolist() == pytest.approx([(1 / log2(3) + 1 / log2(5)) / ideal, 0])
    assert told["recall@30"].tolist() == pytest.approx([2 / 3, 0])
    assert told["hit@30"].tolist() == [1, 0]


def test_only_the_first_thirty_count():
    told = relevance([list(range(40))], [frozenset(range(30, 40))])
    assert told["ndcg@30"].tolist() == [0]


def test_what_lists_are_like_by_hand():
    judged_by = Told(others(), [frozenset({3})], [frozenset()])
    told = beyond([[0, 1, 3]], judged_by)
    assert told["artists"] == pytest.approx(2 / 3)
    assert told["new_artists"] == told["share_new"] == pytest.approx(2 / 3)
    assert told["ild"] == pytest.approx(1 - (2 / 6**0.5) / 3)  # one pair of three is alike
    assert told["novelty"] == pytest.approx((log2(4 / 3) + log2(4 / 2) + log2(4 / 1)) / 3)
    assert overall([[0, 1, 3]], judged_by) == {
        "users": 1,
        "most_of_an_artist": 2,
        "coverage": pytest.approx(3 / 5),
        "length": 3,
    }


def test_a_track_that_nobody_has_and_an_empty_list_do_no_harm():
    judged_by = Told(others(), [frozenset()] * 2, [frozenset()] * 2)
    told = beyond([[0, 4], []], judged_by)
    assert told["ild"].tolist() == pytest.approx([1, np.nan], nan_ok=True)
    assert overall([[0, 4], []], judged_by)["length"] == 1
    assert Bootstrap(2, 0).told("x", np.array([1, np.nan])) == {"x": 1, "x_ci": [1, 1]}
    assert Bootstrap(2, 0).told("ild", np.full(2, np.nan)) == {"ild": 0, "ild_ci": [0, 0]}


def test_an_interval_holds_the_mean_and_narrows_with_listeners():
    values = np.random.default_rng(1).random(900)
    few, many = (Bootstrap(n, 0).interval(values[:n]) for n in (30, 900))
    assert many[0] < values.mean() < many[1]
    assert many[1] - many[0] < few[1] - few[0]


def test_likeness_by_hand():
    likeness = cosine(others().together, shrink=5).toarray()
    assert likeness[0, 1] == pytest.approx(2 / 6**0.5 * 2 / 7)
    assert likeness[0, 2] == pytest.approx(1 / 3**0.5 * 1 / 6)
    assert likeness[1, 2] == likeness[0, 0] == 0


def test_top_tracks_are_by_listeners_and_had_by_somebody():
    assert [top.tolist() for top in others().top_tracks()] == [[0, 1], [2], [3], []]


def test_popularity_passes_over_what_is_known():
    assert baselines.popularity(others(), [frozenset({0})])[0][:3] == [1, 2, 3]


def test_itemknn_is_the_sum_of_cosines():
    assert baselines.itemknn(others(), [frozenset({0}), frozenset({3})]) == [[1, 2], []]


def test_ease_is_the_closed_form(monkeypatch):
    monkeypatch.setattr(baselines, "EASE_LISTENERS", 0)
    monkeypatch.setattr(baselines, "STRIP", 2)
    rng = np.random.default_rng(3)
    listeners = {str(n): sorted(set(rng.integers(12, size=6).tolist())) for n in range(60)}
    data = Data(list(range(12)), listeners)
    inverse = np.linalg.inv(
        np.array([[sum(i in kept and j in kept for kept in listeners.values()) for i in range(12)] for j in range(12)])
        + baselines.EASE_PENALTY * np.eye(12)
    )
    scores = -(inverse / np.diag(inverse))[[2, 5]].sum(axis=0)
    expected = [track for track in np.argsort(-scores) if track not in (2, 5) and scores[track] > 0]
    assert baselines.ease(Others.of(data, list(listeners)), [frozenset({2, 5})])[0] == expected


def found(title: str, seed: str, rank: int, **fields):
    return make_found("a", title, seed=seed, rank=rank, match=1 / rank, **fields)


def test_a_pool_is_cut_to_its_depth_and_ranked_by_each_baseline():
    words = [found("t1", "x", 1), found("t2", "x", 2), found("t2", "y", 2), found("t3", "y", 51), found("t4", "y", 1)]
    words.append(found("t5", "z", 1, source="lastfm_top_tracks", relation="artist_top"))
    pool = baselines.pool(words, frozenset({4}))
    assert list(pool) == [1, 2, 5]
    assert baselines.votes(pool, ANY_RNG) == [2, 1, 5]
    assert baselines.rrf(pool, ANY_RNG) == [2, 1, 5]
    assert baselines.roundrobin(pool, ANY_RNG) == [1, 5, 2]


def test_a_cap_leaves_the_order():
    assert capped([0, 1, 2, 3], ARTISTS, 1) == [0, 2, 3]


def test_days_unroll_a_ranking_and_tell_what_was_found():
    artists = [0] * 3 + list(range(1, 60))
    days = unrolled(list(range(62)), artists, 3, 2)
    assert [len(tracks) for tracks in days] == [30, 30, 2]
    told = figures([days, [[1], [1], []]], [frozenset({0, 61}), frozenset({1})], artists, Bootstrap(2, 0))
    assert told["hits"] == {"1": 1.0, "3": 0.5}
    assert told["recall"] == {"1": 0.75, "3": 1.0}
    assert told["recall_ci"] == {"1": [0.5, 1.0], "3": [1.0, 1.0]}
    assert told["repeats"] == pytest.approx(0.25)
    assert told["empty_days"] == pytest.approx(1 / 6)
    assert told["short_days"] == pytest.approx(4 / 6)


def test_ease_has_nothing_to_say_of_a_handful_of_listeners():
    assert baselines.ease(others(), [frozenset({0})]) == [[]]
