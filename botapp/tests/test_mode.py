"""/mode."""

from __future__ import annotations

import pytest

from botapp.tests.at_home import COUNTS, in_each_language, meet, now_has, wrong
from botapp.tests.listener import presses, says

pytestmark = pytest.mark.django_db


def test_both_are_offered_with_what_they_mean():
    user = meet()
    (asked,) = says(7, "/mode")
    assert "After 14 days it is tidied away" in asked.html
    assert "✓ A new one each day" in asked.labels
    (screen,) = presses(7, "One, refreshed")
    assert now_has(user).playlist_mode == "standing"
    assert screen.edits == asked.message_id
    assert "one and the same playlist" in screen.html
    assert "✓ One, refreshed" in screen.labels


@pytest.mark.parametrize(
    ("words", "mode"), [("fresh", "fresh"), ("STANDING", "standing"), ("one", "standing"), ("один", "standing")]
)
def test_a_mode_may_be_typed(words, mode):
    user = meet(playlist_mode="standing" if mode == "fresh" else "fresh")
    says(7, f"/mode {words}")
    assert now_has(user).playlist_mode == mode


@wrong
def test_nonsense_changes_nothing(words):
    user = meet(playlist_mode="standing")
    (screen,) = says(7, f"/mode {words}")
    assert now_has(user).playlist_mode == "standing"
    assert "is neither of the two" in screen.html
    assert "<a " not in screen.html


def test_an_installation_that_never_tidies_says_so(settings):
    settings.TIDY_AFTER_DAYS = 0
    meet()
    (screen,) = says(7, "/mode")
    assert "None is ever tidied away." in screen.html


@pytest.mark.parametrize("days", COUNTS)
@in_each_language
def test_each_number_of_days_is_said_in_each_language(days, language, settings):
    settings.TIDY_AFTER_DAYS = days
    meet(language=language)
    (screen,) = says(7, "/mode")
    assert str(days) in screen.html
