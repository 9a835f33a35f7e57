"""/setsize."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botapp import reading
from botapp.tests.at_home import in_each_language, meet, now_has, wrong
from botapp.tests.listener import presses, says

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "size"), [("1", 1), ("30", 30), ("100", 100), (" 7 ", 7), ("007", 7), ("５０", 50), ("٢٥", 25)]
)
def test_a_number_is_kept_and_said_back(words, size):
    user = meet()
    (screen,) = says(7, f"/setsize {words}")
    assert now_has(user).playlist_size == size
    assert f"A playlist has {size} track" in screen.html
    assert user.asked == ""


def refuses(words):
    user = meet(playlist_size=12)
    (screen,) = says(7, f"/setsize {words}")
    assert now_has(user).playlist_size == 12
    assert "is not a number from 1 to 100" in screen.html
    assert "A playlist has 12 tracks." in screen.html
    assert "<b>x</b>" not in screen.html
    assert "<a " not in screen.html
    assert "x" not in screen.labels
    assert user.asked == "setsize"


@wrong
def test_nonsense_changes_nothing_and_may_be_said_better(words):
    refuses(words)


@pytest.mark.parametrize("words", ["0", "101", "1000", "30.5", "3 0", "½", "Ⅴ", "+5"])
def test_a_number_out_of_bounds_changes_nothing(words):
    refuses(words)


def test_after_a_wrong_word_the_number_alone_is_enough():
    user = meet()
    says(7, "/setsize many")
    says(7, "15")
    assert now_has(user).playlist_size == 15
    assert user.asked == ""


def test_without_a_number_the_common_ones_are_offered_and_a_press_is_enough():
    user = meet(playlist_size=50)
    (asked,) = says(7, "/setsize")
    assert "✓ 50" in asked.labels
    assert now_has(user).playlist_size == 50
    (screen,) = presses(7, "20")
    assert now_has(user).playlist_size == 20
    assert screen.edits == asked.message_id
    assert "✓ 20" in screen.labels


def test_without_a_wish_the_installations_number_holds(settings):
    settings.DEFAULT_PLAYLIST_SIZE = 20
    meet()
    (screen,) = says(7, "/setsize")
    assert "A playlist has 20 tracks." in screen.html
    assert "✓ 20" in screen.labels


@pytest.mark.parametrize("size", [1, 2, 5, 11, 21, 100])
@in_each_language
def test_each_number_is_said_in_each_language(size, language):
    meet(language=language)
    (screen,) = says(7, f"/setsize {size}")
    assert str(size) in screen.html


@given(st.integers(1, 100))
def test_each_number_in_bounds_is_read(size):
    assert reading.size(str(size)) == size


@given(st.text(max_size=20))
def test_whatever_is_read_is_in_bounds(words):
    size = reading.size(words)
    assert size is None or 1 <= size <= 100
