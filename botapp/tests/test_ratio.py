"""/setratio."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botapp import reading
from botapp.tests.at_home import in_each_language, meet, now_has, wrong
from botapp.tests.listener import presses, says

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "share"),
    [
        *[("0.8", 0.8), ("0,8", 0.8), (".8", 0.8), ("80%", 0.8), ("80 %", 0.8), ("80", 0.8), ("0", 0.0), ("0%", 0.0)],
        *[("1", 1.0), ("1%", 0.01), ("100", 1.0), ("100%", 1.0), ("12.5%", 0.125), ("1.0", 1.0), ("８０％", 0.8)],
        *[("٨٠٪", 0.8), ("٠٫٨", 0.8), ("100.0", 1.0), ("80.5", 0.805), ("80,5", 0.805), ("2.0", 0.02), ("0.0", 0.0)],
    ],
)
def test_a_share_is_read_as_a_fraction_or_as_a_percentage(words, share):
    user = meet()
    (screen,) = says(7, f"/setratio {words}")
    assert now_has(user).min_new_ratio == share
    assert "of a playlist is new to you" in screen.html


def refuses(words):
    user = meet(min_new_ratio=0.25)
    (screen,) = says(7, f"/setratio {words}")
    assert now_has(user).min_new_ratio == 0.25
    assert "be read as a share from 0 to 100%" in screen.html
    assert "At least 25% of a playlist" in screen.html
    assert user.asked == "setratio"
    assert "<a " not in screen.html


@wrong
def test_nonsense_changes_nothing(words):
    refuses(words)


@pytest.mark.parametrize("words", ["1.5", "1.01", "1,99"])
def test_what_may_be_a_fraction_or_a_percentage_is_taken_as_neither(words):
    refuses(words)


@pytest.mark.parametrize("words", ["101", "101%", "100.1", "-0.5", "0.8.1", "8e-1", "%", ".", "100.1%", "80%%", "inf"])
def test_what_is_no_share_changes_nothing(words):
    refuses(words)


def test_a_share_no_button_has_is_said_but_marks_none():
    meet(min_new_ratio=0.333)
    (screen,) = says(7, "/setratio")
    assert "33.3%" in screen.html
    assert not [label for label in screen.labels if "✓" in label]


def test_a_press_is_enough():
    user = meet()
    (asked,) = says(7, "/setratio")
    assert "✓ 80%" in asked.labels
    (screen,) = presses(7, "100%")
    assert now_has(user).min_new_ratio == 1.0
    assert "✓ 100%" in screen.labels


@in_each_language
def test_it_is_asked_in_each_language(language):
    meet(language=language)
    (screen,) = says(7, "/setratio")
    assert "✓ 80%" in screen.labels


@given(st.integers(2, 100))
def test_a_whole_percentage_is_read_with_its_sign_and_without(percent):
    assert reading.share(f"{percent}%") == reading.share(str(percent)) == round(percent / 100, 4)


@given(st.text("0123456789.,% ٫", max_size=8) | st.text(max_size=12))
def test_whatever_is_read_is_a_share(words):
    share = reading.share(words)
    assert share is None or 0 <= share <= 1
