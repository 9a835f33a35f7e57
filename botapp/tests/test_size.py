"""/setsize."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botapp import reading
from botapp.tests.at_home import LANGUAGES, WRONG, answers, buttons, meet, screens

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "size"), [("1", 1), ("30", 30), ("100", 100), (" 7 ", 7), ("007", 7), ("５０", 50), ("٢٥", 25)]
)
def test_a_number_is_kept_and_said_back(words, size):
    user = meet()
    [text] = answers(user, "setsize", words)
    assert user.playlist_size == size
    assert f"A playlist has {size} track" in text
    assert user.asked == ""


@pytest.mark.parametrize("words", [*WRONG, "0", "101", "1000", "30.5", "3 0", "½", "Ⅴ", "+5"])
def test_anything_else_changes_nothing_and_may_be_said_better(words):
    user = meet(playlist_size=12)
    [text] = answers(user, "setsize", words)
    assert user.playlist_size == 12
    assert "is not a number from 1 to 100" in text
    assert "A playlist has 12 tracks." in text
    assert user.asked == "setsize"
    assert "<b>x</b>" not in text
    assert "<a " not in text


def test_a_wrong_word_brings_no_buttons_of_its_own():
    [(_text, markup)] = screens(meet(), "setsize", "a\n::buttons::\nx => forget")
    assert not {"x", "forget"} & {*buttons(markup), *buttons(markup).values()}


def test_without_a_number_the_common_ones_are_offered_and_the_present_one_is_marked():
    user = meet(playlist_size=50)
    [(_text, markup)] = screens(user, "setsize")
    offered = buttons(markup)
    assert offered["✓ 50"] == "setsize:50"
    assert offered["30"] == "setsize:30"
    assert user.asked == "setsize"
    assert user.playlist_size == 50


def test_without_a_wish_the_installations_number_holds(settings):
    settings.DEFAULT_PLAYLIST_SIZE = 20
    [(text, markup)] = screens(meet(), "setsize")
    assert "A playlist has 20 tracks." in text
    assert "✓ 20" in buttons(markup)


@pytest.mark.parametrize("size", [1, 2, 5, 11, 21, 100])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_number_has_its_plural(size, language):
    [text] = answers(meet(language=language), "setsize", str(size))
    assert str(size) in text


@given(st.integers(1, 100))
def test_each_number_in_bounds_is_read(size):
    assert reading.size(str(size)) == size


@given(st.text(max_size=20))
def test_whatever_is_read_is_in_bounds(words):
    size = reading.size(words)
    assert size is None or 1 <= size <= 100
