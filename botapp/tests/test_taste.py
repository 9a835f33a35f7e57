"""Everything he told us, page by page, each with a button to take it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from botapp.tests.listener import presses, says
from botapp.tests.playlist import HOSTILE, ODD, account_of, listener, made, visible
from recommendations import feedback
from recommendations.models import Feedback


@pytest.fixture
def user(alice):
    return listener(alice)


def told(user, count: int, name: str = "Artist") -> None:
    now = timezone.now()
    for n in range(1, count + 1):
        feedback.block(account_of(user), f"{name} {n}", now - timedelta(minutes=n))


def test_the_newest_come_first_each_with_its_kind(user):
    made(user)
    told(user, 1)
    for text in ("/like 1", "/dislike 2"):
        says(7, text)
    presses(7, "More like this")
    (said,) = says(7, "/taste")
    assert "1. More like: <b>Artist 2 - Song 2</b>\n2. You like: <b>Artist 1 - Song 1</b>\n3. Blocked:" in said.html
    assert said.labels == ["✕ 1", "✕ 2", "✕ 3"]


def test_nothing_yet_says_how_to_fill_it(user):
    (said,) = says(7, "/taste")
    assert "/block" in said.html
    assert said.labels == ["Why these tracks"]


def test_ten_a_page_and_a_button_takes_back_in_place(user):
    told(user, 23)
    (first,) = says(7, "/taste")
    assert ("Artist 10<" in first.html, "Artist 11<" in first.html) == (True, False)
    (second,) = presses(7, "Next »")
    assert (second.edits, "Artist 11<" in second.html) == (first.message_id, True)
    (left,) = presses(7, "✕ 11")
    assert "Taken back: Artist 11" in left.html
    assert "11. Blocked: <b>Artist 12</b>" in left.html
    assert Feedback.objects.count() == 22


def test_the_last_one_of_a_page_leads_to_the_page_before(user):
    told(user, 11)
    says(7, "/taste")
    presses(7, "Next »")
    (said,) = presses(7, "✕ 11")
    assert "10. Blocked" in said.html


def test_taking_back_twice_shows_the_list_again(user):
    told(user, 2)
    word = Feedback.objects.earliest("pk").pk
    presses(7, f"unsay:{word}:1")
    (said,) = presses(7, f"unsay:{word}:1")
    assert (said.kind, "Taken back" in said.html) == ("taste", False)


@pytest.mark.parametrize("odd", ODD)
def test_whatever_is_written_behind_it_is_no_matter(user, odd):
    told(user, 1)
    assert says(7, f"/taste {odd}")[0].kind == "taste"
    if odd.isprintable() and len(odd) < 30:
        assert presses(7, f"taste:{odd}")[0].kind == "taste"


def test_long_and_hostile_names_fit(user):
    told(user, 3, HOSTILE)
    told(user, 12, "🎸" * 390)
    for said in (*says(7, "/taste"), *presses(7, "Next »")):
        assert HOSTILE not in said.html
        assert visible(said.html) < 4096


def test_it_can_be_said_in_russian(user):
    listener(user, language="ru")
    assert says(7, "/taste")[0].html
    told(user, 12)
    assert says(7, "/taste")[0].html
