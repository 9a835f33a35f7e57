"""/languages: of the music, which /lang is not about."""

from __future__ import annotations

import pytest
from django.utils import timezone

from botapp.tests.at_home import in_each_language, meet, now_has, wrong
from botapp.tests.listener import presses, says
from playlists.models import PlaylistRun

pytestmark = pytest.mark.django_db


def ran(user, aimed, **fields):
    now = timezone.now()
    asked = {"size_asked": 30, "min_new_ratio": 0.8, "day": now.date(), "created_at": now, "status": "success"}
    report = {"languages": {"aimed": aimed, "tracks": {}}} if aimed is not None else {}
    return PlaylistRun.objects.create(user=user, trigger="bot", report=report, **asked | fields)


def test_usually_they_are_mixed_as_he_listens():
    meet()
    (screen,) = says(7, "/languages")
    assert "mixed as you listen" in screen.html
    assert "✓ As I listen" in screen.labels
    assert "For the latest list" not in screen.html


def test_the_shares_of_the_latest_list_are_told():
    user = meet()
    ran(user, {"ru": 0.384, "latin": 0.612, "ja": 0.004})
    ran(user, {"ru": 1.0, "other": 0.0}, languages="ru 100")
    ran(user, {"ja": 1.0}, status="failed")
    (screen,) = says(7, "/languages")
    assert "that was: English and others in Latin letters 61%, Russian 38%." in screen.html


def test_who_leaves_no_language_out_is_told_of_none():
    meet()
    (screen,) = says(7, "/languages ru 60 other 40")
    assert "None at all" not in screen.html


@pytest.mark.parametrize("aimed", [None, {}])
def test_a_list_of_before_or_without_shares_tells_nothing(aimed):
    ran(meet(), aimed)
    (screen,) = says(7, "/languages")
    assert "For the latest list" not in screen.html


@pytest.mark.parametrize(
    ("words", "kept", "said"),
    [
        ("ru 40 en 50 other 10", "ru 40 latin 50 other 10", "in Latin letters 50%, Russian 40%, all others 10%"),
        ("русский 30%, английский 70%", "ru 30 latin 70", "in Latin letters 70%, Russian 30%"),
        ("ru 100 en 0", "ru 100 latin 0", "None at all: English and others in Latin letters, all others."),
        ("off", "off", "Whatever the language"),
        ("auto", "auto", "mixed as you listen"),
    ],
)
def test_shares_are_kept_and_said_back(words, kept, said):
    user = meet(languages="ja 100")
    (screen,) = says(7, f"/languages {words}")
    assert now_has(user).languages == kept
    assert said in screen.html
    assert "From the next one on." in screen.html


def test_a_press_is_enough():
    user = meet()
    says(7, "/languages")
    (screen,) = presses(7, "Whatever comes")
    assert now_has(user).languages == "off"
    assert "✓ Whatever comes" in screen.labels


def refuses(words, sentence):
    user = meet(languages="ru 100")
    (screen,) = says(7, f"/languages {words}")
    assert now_has(user).languages == "ru 100"
    assert sentence in screen.html
    assert "Russian 100%" in screen.html
    assert "<a " not in screen.html
    assert "<b>x</b>" not in screen.html
    assert user.asked == "languages"


@wrong
def test_nonsense_changes_nothing(words):
    refuses(words, "</b>\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("ru 40 en 90", "These shares come to 130%, not to 100%."),
        ("ru 40 other 10", "These shares come to 50%, not to 100%."),
        ("de 40 en 60", "“de” is no language that I can tell by names."),
        ("klingon", "“klingon” is no language that I can tell by names."),
        ("ru", "“ru” can't be read as shares of languages."),
        ("ru forty en sixty", "“ru forty en sixty” can't be read as shares of languages."),
    ],
)
def test_what_is_no_mix_is_answered_with_why(words, sentence):
    refuses(words, sentence)


def test_after_a_wrong_word_the_shares_alone_are_enough():
    user = meet()
    says(7, "/languages ru 40 en 90")
    says(7, "ru 40 en 60")
    assert now_has(user).languages == "ru 40 latin 60"


@pytest.mark.parametrize("words", ["", "off", "ru 40 en 50 other 10", "ru 40 en 90", "xx 50", "?!"])
@in_each_language
def test_each_answer_is_said_in_each_language(words, language):
    meet(language=language)
    (screen,) = says(7, f"/languages {words}".strip())
    assert screen.html
    assert len([label for label in screen.labels if "✓" in label]) == (words != "ru 40 en 50 other 10")
