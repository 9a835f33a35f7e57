"""/lang."""

from __future__ import annotations

import pytest

from botapp.tests.at_home import meet, now_has, wrong
from botapp.tests.listener import presses, says

pytestmark = pytest.mark.django_db


def test_both_are_offered_under_their_own_names_and_the_present_one_is_marked():
    meet(language="ru")
    (screen,) = says(7, "/lang")
    assert screen.labels[:2] == ["English", "✓ Русский"]


def test_a_press_switches_at_once_and_brings_the_keyboard():
    user = meet()
    (asked,) = says(7, "/lang")
    choice, confirmed = presses(7, "Русский")
    assert now_has(user).language == "ru"
    assert choice.edits == asked.message_id
    assert "✓ Русский" in choice.labels
    assert confirmed.keyboard
    assert confirmed.edits is None


@pytest.mark.parametrize(
    ("words", "language"),
    [("ru", "ru"), ("RU", "ru"), ("русский", "ru"), ("Russian", "ru"), ("en", "en"), ("English", "en")],
)
def test_a_language_may_be_typed(words, language):
    user = meet(language="en" if language == "ru" else "ru")
    says(7, f"/lang {words}")
    assert now_has(user).language == language


@wrong
def test_nonsense_changes_nothing(words):
    user = meet()
    (screen,) = says(7, f"/lang {words}")
    assert now_has(user).language == "en"
    assert "I do not speak" in screen.html
    assert "<a " not in screen.html
    assert user.asked == "lang"
