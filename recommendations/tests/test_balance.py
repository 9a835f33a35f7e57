from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.balance import ENOUGH, OTHER, Quota, bounds, shares
from recommendations.candidates import Listening, Selection
from recommendations.languages import language
from recommendations.profile import build_profile
from recommendations.selection import select
from recommendations.tests.builders import NOW, make_given, make_heard, make_ranked, make_track

TITLES = {"latin": "Song", "ru": "Песня", "uk": "Пісня", "el": "Τραγούδι", "": "1234"}
GREEK = language("", TITLES["el"])


def tracks(tongue: str, count: int, score: float = 1.0):
    """New tracks of as many artists, best first, whose titles are in that language."""
    return [make_ranked(f"+{tongue}{n:03}", f"{TITLES[tongue]} {n}", score - n / 1000) for n in range(count)]


def choose(ranked, want=None, size=30, ratio=0.8, listening=None, **how) -> Selection:
    listening = listening or Listening()
    rules = {"listening": listening, "size": size, "min_new_ratio": ratio, "cooldown_days": 60, "now": NOW}
    return select(ranked, shares=want or {}, **rules, **how)


def mix(selection: Selection) -> Counter[str]:
    return Counter(language(pick.candidate.artist, pick.candidate.title) for pick in selection.picks)


# What he hears


def profile_of(*likes, plays=(), own=()):
    listening = Listening(likes=tuple(likes), plays=tuple(plays))
    return build_profile(listening, own, {}, NOW.date(), Random(1))


def test_the_shares_are_those_of_his_likes_and_plays():
    likes = [make_heard(f"Band {n}", "Song") for n in range(15)] + [
        make_heard(f"Группа {n}", "Песня") for n in range(5)
    ]
    assert profile_of(*likes).languages == {"latin": 0.75, "ru": 0.25}


def test_what_is_fresh_counts_up_to_twice():
    old = [make_heard(f"Band {n}", "Song", days=4000) for n in range(20)]
    fresh = [make_heard(f"Группа {n}", "Песня", days=0) for n in range(10)]
    assert profile_of(*old, *fresh).languages == {"latin": 0.5, "ru": 0.5}


def test_plays_of_our_own_playlists_say_nothing_of_his_taste():
    likes = [make_heard(f"Band {n}", "Song") for n in range(20)]
    echoes = [make_heard(f"Группа {n}", "Песня", 1, context="spotify:playlist:ours") for n in range(20)]
    assert profile_of(*likes, plays=echoes, own=("ours",)).languages == {"latin": 1.0}


def test_few_tracks_say_nothing_and_names_without_a_language_do_not_count():
    few = [make_heard(f"Band {n}", "Song") for n in range(ENOUGH - 1)]
    assert profile_of(*few, make_heard("+/-", "1984")).languages == {}


@given(st.lists(st.tuples(st.sampled_from(["", "ru", "latin", "ja"]), st.floats(0.1, 2)), max_size=60))
def test_shares_add_up_and_lead_with_the_largest(heard):
    told = shares(heard)
    assert not told or abs(sum(told.values()) - 1) < 0.001
    assert list(told.values()) == sorted(told.values(), reverse=True)
    assert "" not in told


# How many of a list


@pytest.mark.parametrize(
    ("share", "size", "fewest", "most"),
    [(0.4, 30, 9, 15), (0.4, 10, 3, 5), (1.0, 30, 27, 30), (0.05, 30, 0, 5), (None, 30, 0, 3), (0.0, 30, 0, 0)],
)
def test_a_share_may_be_missed_by_ten_points(share, size, fewest, most):
    assert bounds(share, size) == (fewest, most)


@given(st.lists(st.integers(1, 100), min_size=1, max_size=6), st.integers(1, 100))
def test_every_list_can_be_shared_out(weights, size):
    quota = Quota({str(n): weight / sum(weights) for n, weight in enumerate(weights)}, size)
    assert sum(least for least, _ in quota.bounds.values()) <= size <= sum(most for _, most in quota.bounds.values())


# A list


def test_a_list_follows_the_shares_though_one_language_ranks_first():
    ranked = [*tracks("latin", 100, 1.0), *tracks("ru", 40, 0.5)]
    selection = choose(ranked, {"latin": 0.6, "ru": 0.4})
    assert mix(selection) == {"latin": 21, "ru": 9}
    assert selection.relaxations == ()
    assert selection.fates[ranked[21].candidate.key] == "language_share"
    assert selection.fates[ranked[-1].candidate.key] == "ranked_below"


def test_a_language_has_its_least_share_though_two_others_could_fill_the_list():
    ranked = [*tracks("latin", 50, 1.0), *tracks("ru", 50, 0.9), *tracks("uk", 50, 0.1)]
    assert mix(choose(ranked, {"latin": 0.4, "ru": 0.4, "uk": 0.2})) == {"latin": 15, "ru": 12, "uk": 3}


def test_without_shares_the_best_are_taken():
    assert mix(choose([*tracks("latin", 100, 1.0), *tracks("ru", 40, 0.5)])) == {"latin": 30}


def test_a_language_he_does_not_hear_keeps_to_a_tenth():
    ranked = [*tracks("el", 50, 1.0), *tracks("latin", 50, 0.5)]
    assert mix(choose(ranked, {"latin": 1.0})) == {"latin": 27, GREEK: 3}


def test_none_is_none_where_there_are_others():
    ranked = [*tracks("el", 50, 1.0), *tracks("latin", 50, 0.5)]
    assert mix(choose(ranked, {"latin": 1.0, OTHER: 0.0})) == {"latin": 30}


def test_titles_without_a_language_are_free():
    ranked = [*tracks("", 5, 2.0), *tracks("latin", 100, 1.0), *tracks("ru", 40, 0.5)]
    assert mix(choose(ranked, {"latin": 0.6, "ru": 0.4})) == {"": 5, "latin": 16, "ru": 9}


def test_where_a_language_is_wanting_the_others_fill_the_list_and_it_says_so():
    ranked = [*tracks("latin", 100, 1.0), *tracks("ru", 4, 0.5)]
    selection = choose(ranked, {"latin": 0.5, "ru": 0.5})
    assert mix(selection) == {"latin": 26, "ru": 4}
    assert selection.relaxations == ("languages",)


def test_where_one_is_wanting_the_rest_is_still_shared_out():
    ranked = [*tracks("latin", 100, 1.0), *tracks("ru", 100, 0.5)]
    assert mix(choose(ranked, {"latin": 0.4, "ru": 0.4, "uk": 0.2})) == {"latin": 15, "ru": 15}


def test_the_languages_give_way_before_the_artist_cap_and_before_a_new_track():
    ranked = [*tracks("latin", 100, 1.0), *(make_ranked("Земфира", f"Песня {n}", 0.5) for n in range(20))]
    likes = [make_heard(f"Группа {n}", "Песня") for n in range(20)]
    old = [make_ranked(one.artist, one.name, 0.4) for one in likes]
    selection = choose([*ranked, *old], {"latin": 0.5, "ru": 0.5}, listening=Listening(likes=tuple(likes)))
    assert mix(selection) == {"latin": 28, "ru": 2}
    assert (selection.relaxations, selection.novelty) == (("languages",), 1.0)


def test_the_track_tells_what_a_transliterated_name_hides():
    ranked = [*tracks("latin", 40, 1.0), *(make_ranked(f"Gruppa {n}", "Pesnya", 0.5) for n in range(20))]
    known = {one.candidate.key: make_track(one.candidate.artist, one.candidate.title) for one in ranked[:40]}
    known |= {one.candidate.key: make_track(f"Группа {n}", "Песня") for n, one in enumerate(ranked[40:])}
    selection = choose(ranked, {"latin": 0.6, "ru": 0.4}, resolved=known)
    assert sum(pick.candidate.artist.startswith("Gruppa") for pick in selection.picks) == 9


def test_seasoning_keeps_to_the_shares_too():
    forgotten = [make_heard(f"Группа {n}", "Песня") for n in range(20)]
    season = [make_ranked(one.artist, one.name, 0.0) for one in forgotten]
    selection = choose(
        tracks("latin", 60), {"latin": 1.0, OTHER: 0.0}, listening=Listening(likes=tuple(forgotten)), forgotten=season
    )
    assert mix(selection) == {"latin": 30}


# Whatever comes

NAMES = st.sampled_from(list(TITLES))


@st.composite
def pools(draw):
    ranked = draw(
        st.lists(
            st.builds(
                lambda artist, title, score: make_ranked(artist, title, score),
                st.sampled_from([f"+{n}" for n in range(12)]),
                st.sampled_from([f"{title} {n}" for title in TITLES.values() for n in (1, 2)]),
                st.sampled_from([0.0, 0.2, 0.5, 0.9]),
            ),
            max_size=40,
            unique_by=lambda one: one.candidate.key,
        )
    )
    some = st.lists(st.sampled_from(ranked), max_size=6) if ranked else st.just([])
    likes = [make_heard(one.candidate.artist, one.candidate.title) for one in draw(some)]
    given_lately = [make_given(one.candidate.artist, one.candidate.title, days=2) for one in draw(some)]
    want = draw(st.dictionaries(st.sampled_from(["latin", "ru", "uk", GREEK, OTHER]), st.integers(1, 9), min_size=1))
    return (
        ranked,
        {tongue: weight / sum(want.values()) for tongue, weight in want.items()},
        {
            "size": draw(st.integers(1, 15)),
            "ratio": draw(st.sampled_from([0.0, 0.5, 1.0])),
            "listening": Listening(likes=tuple(likes), history=tuple(given_lately)),
            "familiar": likes,
        },
    )


@given(pools(), st.randoms())
def test_shares_cost_neither_a_track_nor_a_new_one_whatever_comes(pool, random):
    ranked, want, how = pool
    free, shared = choose(ranked, **how), choose(ranked, want, **how)
    assert len(shared.picks) >= len(free.picks)
    assert sum(pick.is_new for pick in shared.picks) >= sum(pick.is_new for pick in free.picks)
    random.shuffle(ranked)
    assert choose(ranked, want, **how) == shared


@given(st.lists(st.integers(0, 100), min_size=4, max_size=4).filter(any), st.integers(1, 40))
def test_the_shares_are_kept_wherever_the_pool_allows(weights, size):
    tongues = ["latin", "ru", "uk", GREEK]
    ranked = [
        one for place, title in enumerate(["latin", "ru", "uk", "el"]) for one in tracks(title, size, 1 - place / 5)
    ]
    want = {tongue: weight / sum(weights) for tongue, weight in zip(tongues, weights, strict=True)}
    selection = choose(ranked, want, size=size)
    assert "languages" not in selection.relaxations
    counts = mix(selection)
    for tongue, share in want.items():
        assert abs(counts[tongue] - share * size) < 0.1 * size + 1


@given(pools())
def test_where_all_is_in_one_language_nothing_changes(pool):
    ranked, _want, how = pool
    ranked = [one for one in ranked if one.candidate.title.startswith("Song")]
    how |= {"listening": Listening(), "familiar": []}
    assert choose(ranked, {"latin": 1.0}, **how) == choose(ranked, **how)
