from __future__ import annotations

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from recommendations.evaluation import learning
from recommendations.evaluation.learning import simulated
from recommendations.learning import HIGHEST, LEAST, LOWEST, Tally, source_weights
from recommendations.outcomes import DISLIKED, HEARD, KEPT, LIKED, REMOVED, UNKNOWN

WORDS = (LIKED, HEARD, KEPT, REMOVED, DISLIKED, UNKNOWN)
sources = st.sets(st.sampled_from("abcd"), min_size=1).map(sorted).map(tuple)
tallies = st.lists(
    st.builds(Tally, st.integers(1, 20), sources, st.sampled_from(WORDS), st.integers(1, 5_000)),
    max_size=60,
)


def days(count: int, **heard: tuple[int, int]) -> list[Tally]:
    """So many lists alike; of each source its tracks heard and its tracks left."""
    rows = [
        (Tally(day, (source,), HEARD, good), Tally(day, (source,), KEPT, left))
        for day in range(count)
        for source, (good, left) in heard.items()
    ]
    return [row for pair in rows for row in pair]


@given(tallies)
def test_no_weight_ever_leaves_its_bounds(rows):
    assert all(LOWEST <= weight <= HIGHEST for weight in source_weights(rows).values())


@given(tallies, st.randoms(use_true_random=False))
def test_the_order_of_the_lists_changes_nothing(rows, rng):
    mixed = list(rows)
    rng.shuffle(mixed)
    assert source_weights(mixed) == source_weights(rows)


@given(tallies, st.lists(st.builds(Tally, st.integers(21, 30), sources, st.just(UNKNOWN), st.just(9))))
def test_a_list_of_which_nothing_is_known_changes_nothing(rows, unknown):
    learnt = source_weights([*rows, *unknown])
    assert {source: learnt[source] for source in learnt} == source_weights(rows)


@given(st.integers(1, 90), st.integers(1, 10), st.integers(0, 5), st.integers(1, 10), st.integers(0, 5))
def test_the_source_that_is_played_more_weighs_no_less(count, heard_a, left_a, heard_b, left_b):
    learnt = source_weights(days(count, a=(heard_a, left_a), b=(heard_b, left_b)))
    better = heard_a * (heard_b + left_b) - heard_b * (heard_a + left_a)
    a, b = learnt.get("a", 1.0), learnt.get("b", 1.0)
    if len(learnt) == 2:
        assert (a >= b) if better >= 0 else (a <= b)


def test_sources_that_are_played_alike_weigh_alike():
    assert source_weights(days(60, a=(5, 10), b=(5, 10))) == {"a": 1.0, "b": 1.0}


def test_a_source_of_few_tracks_keeps_its_weight():
    learnt = source_weights(days(LEAST - 1, a=(1, 0), b=(1, 3)))
    assert set(learnt) == {"b"}
    assert set(source_weights(days(LEAST, a=(1, 0), b=(1, 3)))) == {"a", "b"}


def test_a_hundred_outcomes_move_a_weight_a_little():
    # Five lists of twenty: one source is played twice as often as the other.
    learnt = source_weights(days(5, a=(4, 6), b=(2, 8)))
    assert 1.0 < learnt["a"] < 1.15
    assert 0.85 < learnt["b"] < 1.0


def test_a_source_that_never_gives_the_reason_is_trusted_for_what_it_supports():
    rows = [Tally(day, ("a", "b"), HEARD, 4) for day in range(30)] + [
        Tally(day, ("a", "b"), KEPT, 4) for day in range(30)
    ]
    rows += [Tally(day, ("a", "c"), HEARD, 1) for day in range(30)] + [
        Tally(day, ("a", "c"), KEPT, 7) for day in range(30)
    ]
    learnt = source_weights(rows)
    assert learnt["a"] == 1.0  # it found them all, so there is nothing to compare it with
    assert learnt["b"] > 1.1 > 0.9 > learnt["c"]


def test_what_is_taken_out_or_disliked_lowers_a_weight():
    rows = days(30, a=(3, 12), b=(3, 12))
    rows += [Tally(day, ("a",), word, 1) for day in range(30) for word in (REMOVED, DISLIKED)]
    learnt = source_weights(rows)
    assert learnt["a"] < 0.85
    assert learnt["b"] > 1.0


def test_listeners_of_different_tastes_come_to_different_weights_and_stay_within_bounds():
    tastes = ({"a": 0.4, "b": 0.2}, {"a": 0.2, "b": 0.4}, {"a": 0.3, "b": 0.3})
    ends = [[simulated(taste, 90, random.Random(seed))[-1] for seed in range(10)] for taste in tastes]
    assert all(end["a"] > 1.1 > 0.9 > end["b"] for end in ends[0])
    assert all(end["b"] > 1.1 > 0.9 > end["a"] for end in ends[1])
    assert all(0.8 < weight < 1.2 for end in ends[2] for weight in end.values())


def test_the_command_prints_the_weights_of_made_up_listeners_day_by_day(monkeypatch, capsys):
    monkeypatch.setattr(learning, "SHOWN", (1, 14))
    monkeypatch.setattr(learning, "LISTENERS", 3)
    learning.main()
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["listener", "day", "1", "day", "14"]
    assert len(lines) == 2 * 2 * len(learning.TASTES)  # each taste whole and half told, a line for either source
    assert all(re.fullmatch(r".*: [ab]( +\d\.\d\d \d\.\d\d-\d\.\d\d){2}", line) for line in lines)
