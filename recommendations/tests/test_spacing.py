from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recommendations.spacing import arrange, can_space, is_spaced


def order(artists: str) -> str:
    return "".join(artists[i] for i in arrange(artists))


def test_an_order_that_is_spaced_already_stays():
    assert order("ABCABC") == "ABCABC"


def test_a_second_track_waits_for_two_others():
    assert order("AABCDEF") == "ABCADEF"


def test_a_tail_of_one_artist_is_not_left_over():
    assert is_spaced(order("ABCDEFGG"))


def test_what_cannot_be_spaced_is_spread_as_far_as_it_goes():
    assert order("AABB") == "ABAB"
    assert order("AAA") == "AAA"


@given(st.lists(st.sampled_from("ABCDEFGH"), max_size=24))
def test_everything_is_placed_once_and_spaced_wherever_possible(artists):
    placed = arrange(artists)
    assert sorted(placed) == list(range(len(artists)))
    assert is_spaced([artists[i] for i in placed]) == can_space(artists, len(artists))
