from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.outcomes import (
    DISLIKED,
    HEARD,
    KEPT,
    LIKED,
    REMOVED,
    UNKNOWN,
    Facts,
    Heard,
    outcome,
    still_held,
)

GIVEN = datetime(2026, 11, 20, 7, tzinfo=UTC)
LATER, BEFORE, NEXT_DAY = GIVEN + timedelta(hours=2), GIVEN - timedelta(hours=2), GIVEN + timedelta(days=1)
KEPT_FACTS = Facts(GIVEN, is_new=True, held=True, looked_at=NEXT_DAY)

moments = st.none() | st.sampled_from([BEFORE, GIVEN, LATER, NEXT_DAY])
facts = st.builds(
    Facts,
    given_at=st.just(GIVEN),
    is_new=st.booleans(),
    plays=st.lists(st.builds(Heard, st.sampled_from([BEFORE, LATER]), st.booleans()), max_size=3).map(tuple),
    liked_at=moments,
    disliked_at=moments,
    held=st.sampled_from([None, True, False]),
    looked_at=moments,
    missed_until=moments,
    tells_contexts=st.booleans(),
)


@pytest.mark.parametrize(
    ("word", "changed"),
    [
        (DISLIKED, {"disliked_at": LATER, "liked_at": LATER, "held": False, "plays": (Heard(LATER, True),)}),
        (LIKED, {"liked_at": LATER, "held": False, "plays": (Heard(LATER, True),)}),
        (REMOVED, {"held": False, "plays": (Heard(LATER, True),)}),
        (HEARD, {"plays": (Heard(LATER, False),)}),
        (KEPT, {}),
        (UNKNOWN, {"held": None}),
    ],
)
def test_the_strongest_word_there_is_decides(word, changed):
    assert outcome(replace(KEPT_FACTS, **changed)) == word


def test_what_happened_before_the_list_does_not_count():
    assert outcome(replace(KEPT_FACTS, disliked_at=BEFORE, liked_at=BEFORE, plays=(Heard(BEFORE, True),))) == KEPT


def test_what_was_his_already_counts_as_heard_from_our_list_alone():
    own = replace(KEPT_FACTS, is_new=False)
    assert outcome(replace(own, plays=(Heard(LATER, False),))) == KEPT
    assert outcome(replace(own, plays=(Heard(LATER, True),))) == HEARD


@pytest.mark.parametrize(
    "unseen",
    [
        {"missed_until": LATER},
        {"tells_contexts": False},
        {"looked_at": None},
        {"looked_at": GIVEN + timedelta(hours=11)},
    ],
)
def test_no_play_means_nothing_where_one_would_not_have_been_seen(unseen):
    assert outcome(replace(KEPT_FACTS, **unseen)) == UNKNOWN
    assert outcome(replace(KEPT_FACTS, plays=(Heard(LATER, True),), **unseen)) == HEARD


@given(facts)
def test_more_to_know_never_makes_less_known(known):
    assert outcome(replace(known, liked_at=LATER)) != UNKNOWN
    if outcome(known) != UNKNOWN:
        assert outcome(replace(known, plays=(*known.plays, Heard(LATER, True)))) != UNKNOWN


@given(facts)
def test_each_word_has_its_ground(known):
    word = outcome(known)
    assert word != LIKED or (known.liked_at and known.liked_at > GIVEN)
    assert word != REMOVED or known.held is False
    assert word != HEARD or any(play.at > GIVEN for play in known.plays)
    assert word != KEPT or known.held


@given(st.lists(st.text("abcdef", min_size=1), unique=True), st.sets(st.text("abcdef", min_size=1)))
def test_who_empties_a_list_judges_none_of_its_tracks(ids, found):
    still = still_held(ids, found)
    gone = [one for one in ids if one not in found]
    assert [one for one in ids if still[one]] == [one for one in ids if one in found]
    assert {still[one] for one in gone} <= ({None} if len(gone) * 2 > len(ids) else {False})
