from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import mix
from recommendations.balance import OTHER
from recommendations.languages import language
from recommendations.tests.languages import LABELLED, wrong


def test_two_hundred_labelled_titles_are_told_apart():
    assert len(LABELLED) >= 200
    assert len(wrong()) / len(LABELLED) <= 0.1, wrong()


@pytest.mark.parametrize(("told", "most"), [("ru", 0.06), ("latin", 0.03)])
def test_the_error_on_what_most_listeners_hear_is_small(told, most):
    assert len(wrong(told)) / len([row for row in LABELLED if row[0] == told]) <= most


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_the_names_are_a_language_is_a_plain_word(artist, title):
    assert language(artist, title).isascii()


def test_every_language_that_is_told_may_be_wished_for():
    assert mix.OTHER == OTHER
    assert {label for label, *_ in LABELLED} <= {*mix.CODES, ""}
    assert set(mix.NAMES) == set(mix.CODES)
