"""/wild."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botapp import reading
from botapp.tests.at_home import in_each_language, meet, now_has, wrong
from botapp.tests.listener import presses, says

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("words", "wildness"), [("0", 0), ("7", 7), ("10", 10), (" 3 ", 3), ("０５", 5), ("٤", 4)])
def test_a_number_is_kept_and_said_back(words, wildness):
    user = meet(wildness=1)
    (screen,) = says(7, f"/wild {words}")
    assert now_has(user).wildness == wildness
    assert f"Wildness: {wildness} of 10" in screen.html
    assert "From the next one on." in screen.html
    assert user.asked == ""


def refuses(words):
    user = meet(wildness=2)
    (screen,) = says(7, f"/wild {words}")
    assert now_has(user).wildness == 2
    assert "is not a number from 0 to 10" in screen.html
    assert "Wildness: 2 of 10" in screen.html
    assert "<a " not in screen.html
    assert "x" not in screen.labels
    assert user.asked == "wild"


@wrong
def test_nonsense_changes_nothing_and_may_be_said_better(words):
    refuses(words)


@pytest.mark.parametrize("words", ["11", "100", "-1", "5.5", "lots", "1 0", "½"])
def test_a_number_out_of_bounds_changes_nothing(words):
    refuses(words)


def test_what_the_dial_does_is_said_before_it_is_turned():
    meet()
    (asked,) = says(7, "/wild")
    assert "✓ 0" in asked.labels
    assert {str(n) for n in range(1, 11)} <= set(asked.labels)
    assert "Closest to your taste." in asked.html
    assert "0 is closest to your taste" in asked.html
    (screen,) = presses(7, "10")
    assert screen.edits == asked.message_id
    assert "✓ 10" in screen.labels
    assert "Mostly artists you do not know" in screen.html


@pytest.mark.parametrize("wildness", range(11))
@in_each_language
def test_each_number_is_said_in_each_language(wildness, language):
    user = meet(language=language)
    (screen,) = says(7, f"/wild {wildness}")
    assert str(wildness) in screen.html
    assert f"✓ {wildness}" in screen.labels
    assert now_has(user).wildness == wildness


@given(st.text(max_size=12))
def test_whatever_is_read_is_in_bounds(words):
    dial = reading.dial(words)
    assert dial is None or 0 <= dial <= 10
