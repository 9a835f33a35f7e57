from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.candidates import Found, Profile, Seed
from recommendations.plain import from_plain, to_plain
from recommendations.tests.builders import NOW, make_found, make_given, make_heard, make_profile, make_track

TRACKS = st.builds(make_track, st.sampled_from(["A", "B|C"]), st.sampled_from("xy"), popularity=st.none() | st.just(7))
WORDS = st.builds(make_found, st.just("A"), st.sampled_from("xy"), match=st.floats(0, 1), track=st.none() | TRACKS)
GIVEN = st.builds(make_given, st.just("A"), st.sampled_from("xy"), st.integers(0, 9))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
TEXTS = st.text(max_size=3)
VALUES = st.recursive(
    SCALARS | WORDS | GIVEN | TRACKS | st.just(NOW) | st.just(date(2026, 11, 23)) | st.frozensets(TEXTS, max_size=1),
    lambda inner: st.lists(inner, max_size=6).map(tuple) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=30,
)


def there_and_back(value):
    return from_plain(json.loads(json.dumps(to_plain(value))))


@given(VALUES)
def test_whatever_goes_to_json_comes_back_the_same(value):
    back = there_and_back(value)
    assert back == value
    assert repr(back) == repr(value)  # 1, 1.0 and True are equal, and -0.0 and 0.0


def test_lists_come_back_as_tuples_and_a_profile_whole():
    profile = make_profile(3, {"A": 2}, source_weights={"s": 0.5}, day=7)
    assert there_and_back([profile, [1, 2], make_heard("A", "x")]) == (profile, (1, 2), make_heard("A", "x"))


def test_what_repeats_is_said_once():
    words = [make_found("A name that is rather long", "x", rank=n) for n in range(50)]
    assert json.dumps(to_plain(words)).count("rather long") == 1


def test_a_field_that_is_no_more_is_left_out_and_a_later_one_has_its_default():
    plain = to_plain([make_found("A", "x")])
    body = plain["body"]
    body["once"] = body.pop("duration_ms")
    assert from_plain(plain) == (make_found("A", "x"),)


def test_a_field_that_is_lacking_is_an_error():
    plain = to_plain(make_profile().seeds)
    del plain["body"]["key"]
    with pytest.raises(TypeError):
        from_plain(plain)


def test_nothing_else_has_a_plain_form():
    with pytest.raises(TypeError):
        to_plain([object()])
    with pytest.raises(TypeError):
        to_plain({"at": datetime.now(UTC).time()})


def test_the_words_are_told_by_their_class_and_not_by_a_likeness():
    assert isinstance(there_and_back(make_found("A", "x")), Found)
    assert isinstance(there_and_back(make_profile()), Profile)
    assert isinstance(there_and_back(make_profile().seeds)[0], Seed)
