from __future__ import annotations

from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from recommendations.candidates import Listening, Selection
from recommendations.own import forgotten, is_forgotten
from recommendations.selection import select
from recommendations.tests.builders import NOW, make_given, make_heard, make_ranked

TODAY = NOW.date()


def likes_of(count: int, days: float = 800):
    return tuple(make_heard(f"Old {n:03}", "Song", days) for n in range(count))


def fresh(count: int):
    return [make_ranked(f"New {n:03}", "Song", 1 - n / 1000) for n in range(count)]


def choose(listening: Listening, size=30, ratio=0.8, new=60, **how) -> Selection:
    how = {"forgotten": forgotten(listening, TODAY), "familiar": listening.likes, **how}
    return select(fresh(new), listening=listening, size=size, min_new_ratio=ratio, cooldown_days=60, now=NOW, **how)


def seasoning(selection: Selection):
    return [pick for pick in selection.picks if is_forgotten(pick)]


def test_one_track_in_ten_is_a_like_of_long_ago_and_none_of_them_stands_beside_another():
    selection = choose(Listening(likes_of(200)))
    places = [place for place, pick in enumerate(selection.picks, 1) if is_forgotten(pick)]
    assert places == [6, 16, 26]
    assert selection.relaxations == ()
    assert selection.novelty == 0.9


def test_it_says_in_which_year_it_was_liked_and_that_it_is_not_new():
    selection = choose(Listening(likes_of(1, days=800)))
    [pick] = seasoning(selection)
    assert (pick.reason.source, pick.reason.relation, pick.reason.because) == (
        "forgotten_likes",
        "forgotten_like",
        "2024",
    )
    assert not pick.is_new
    assert pick.track.id == "id of old000 | song"


def test_where_all_have_to_be_new_it_takes_no_place():
    assert seasoning(choose(Listening(likes_of(200)), ratio=1.0)) == []


def test_it_takes_no_place_in_a_list_of_less_than_ten():
    assert seasoning(choose(Listening(likes_of(200)), size=9, ratio=0.0)) == []


def test_the_share_that_may_be_reused_bounds_it_too():
    assert len(seasoning(choose(Listening(likes_of(200)), ratio=0.95))) == 1


def test_what_was_played_or_given_lately_or_is_a_young_like_is_not_forgotten():
    heard, shown, young = make_heard("A", "x", 800), make_heard("B", "x", 800), make_heard("C", "x", 300)
    played = make_heard("A", "x", 3, id="another id")
    listening = Listening((young, heard, shown), (played,), (make_given("B", "x", 59),))
    assert seasoning(choose(listening)) == []


def test_what_was_given_before_the_cool_down_may_come_again():
    like = make_heard("B", "x", 800)
    assert len(seasoning(choose(Listening((like,), history=(make_given("B", "x", 61),))))) == 1


def test_a_disliked_or_blocked_like_stays_away():
    bad, blocked = make_heard("A", "x", 800), make_heard("B", "x", 800)
    listening = Listening((bad, blocked), disliked=frozenset({bad.key}), blocked=frozenset({"b"}))
    assert seasoning(choose(listening)) == []


def test_they_are_the_same_all_day_and_others_on_the_next():
    listening = Listening(likes_of(500))
    today, tomorrow = forgotten(listening, TODAY), forgotten(listening, TODAY.replace(day=23))
    assert today == forgotten(listening, TODAY)
    assert len(today) == 100
    assert {one.candidate.key for one in today[:3]}.isdisjoint({one.candidate.key for one in tomorrow[:3]})


def test_two_of_one_artist_do_not_come_together_while_others_are_there():
    one_artist = tuple(make_heard("Prolific", f"Song {n}", 800) for n in range(50))
    picks = seasoning(choose(Listening((*one_artist, *likes_of(5)))))
    assert len({pick.candidate.artist for pick in picks}) == 3


def test_where_too_little_is_new_it_is_not_what_makes_the_list_older():
    selection = choose(Listening(likes_of(200)), new=4)
    assert [pick.candidate.artist for pick in selection.picks if pick.is_new] == [f"New {n:03}" for n in range(4)]
    assert seasoning(selection) == []


@given(
    st.integers(1, 40),
    st.integers(0, 40),
    st.lists(st.tuples(st.integers(300, 900), st.booleans(), st.booleans()), max_size=40),
    st.floats(0, 1),
)
def test_it_never_costs_more_places_than_the_floor_leaves(size, new, told, ratio):
    likes = tuple(make_heard(f"Old {n}", "Song", days) for n, (days, _, _) in enumerate(told))
    plays = tuple(like for like, (_, played, _) in zip(likes, told, strict=True) if played)
    history = tuple(make_given(f"Old {n}", "Song", 10) for n, (_, _, shown) in enumerate(told) if shown)
    listening = Listening(likes, plays, history)
    selection = choose(listening, size, ratio, new)
    floor = ceil(round(ratio * size, 9))
    assert len(seasoning(selection)) <= min(size - floor, size // 10)
    without = choose(listening, size, ratio, new, forgotten=())
    assert sum(pick.is_new for pick in selection.picks) >= min(floor, sum(pick.is_new for pick in without.picks))
    assert len(selection.picks) == len(without.picks)
    if ratio == 1:
        assert selection == without
