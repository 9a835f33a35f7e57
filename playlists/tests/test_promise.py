"""What novelty was asked of a list and what came of it, in sentences."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from playlists import notes, promise
from playlists.models import PlaylistRun, PlaylistRunTrack
from playlists.tests.at_spotify import make

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def told(total: int = 30, new: int = 30, asked: int = 80, **changed: Any) -> dict[str, Any]:
    return {
        "asked": asked, "total": total, "new": new, "likes": 0, "given": 0, "artists": {}, "relaxations": [], **changed,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("figures", "english", "russian"),
    [
        (
            told(),
            "You asked for at least 80 % new; 30 of 30 are new.",
            "Вы просили не меньше 80 % нового; нового — 30 из 30.",
        ),
        (
            told(new=22, likes=8),
            "You asked for at least 80 % new; only 22 of 30 are, as not enough unknown music was found."
            " The others are likes of yours: 8.",
            "Вы просили не меньше 80 % нового, но нового только 22 из 30: незнакомой музыки нашлось мало."
            " Остальное — из ваших любимых: 8.",
        ),
        (
            told(new=24, likes=4, given=2),
            "You asked for at least 80 % new; 24 of 30 are new."
            " The others are likes of yours (4) and tracks you were given before (2).",
            "Вы просили не меньше 80 % нового; нового — 24 из 30."
            " Остальное — из ваших любимых (4) и из прежних плейлистов (2).",
        ),
        (
            told(new=29, given=1),
            "You asked for at least 80 % new; 29 of 30 are new. The others you were given before: 1.",
            "Вы просили не меньше 80 % нового; нового — 29 из 30. Остальное уже бывало в плейлистах: 1.",
        ),
        (
            told(asked=100),
            "You asked for new tracks alone; 30 of 30 are new.",
            "Вы просили только новое; нового — 30 из 30.",
        ),
        (told(asked=0, new=3), "3 of 30 are new to you.", "Новых для вас: 3 из 30."),
        (
            told(artists={"all": 24, "new": 15}),
            "You asked for at least 80 % new; 30 of 30 are new. By 24 artists, 15 of them new to you.",
            "Вы просили не меньше 80 % нового; нового — 30 из 30. 24 исполнителя, из них новых для вас: 15.",
        ),
        (
            told(new=22, total=28, relaxations=["spacing", "min_new_ratio", "short"]),
            "You asked for at least 80 % new; only 22 of 28 are, as not enough unknown music was found."
            " Tracks by one artist stand closer together than usual, as there were too few others to put between them."
            " The list is shorter than asked, as no more was found.",
            "Вы просили не меньше 80 % нового, но нового только 22 из 28: незнакомой музыки нашлось мало."
            " Треки одного исполнителя стоят ближе друг к другу, чем обычно: между ними почти нечего было поставить."
            " Плейлист короче, чем просили: больше ничего не нашлось.",
        ),
    ],
)
def test_a_list_says_what_was_asked_what_was_kept_and_what_gave_way(figures, english, russian):
    for language, sentences in (("en", english), ("ru", russian)):
        with translation.override(language):
            assert " ".join(promise.sentences(figures)) == sentences


def test_figures_of_a_message_written_before_say_what_gave_way_and_no_more():
    assert promise.sentences({"relaxations": ["min_new_ratio"]}) == [notes.relaxation("min_new_ratio")]
    assert promise.sentences({}) == []


def test_each_rule_that_may_give_way_is_one_sentence():
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for code in notes.RELAXATIONS:
                said = notes.relaxation(code)
                assert (said[0].isupper(), said.count("."), said[-1], len(said) <= 150) == (True, 1, ".", True), said


def test_a_made_list_keeps_its_figures_when_its_plan_is_gone(listener, sandbox):
    run = make(listener, size=20)
    figures = promise.figures(run)
    assert (figures["asked"], figures["total"], figures["new"]) == (80, run.total, run.new)
    assert figures["likes"] + figures["given"] == run.reused
    assert 0 <= figures["artists"]["new"] <= figures["artists"]["all"] <= run.total
    assert figures["artists"]["all"] > 5
    PlaylistRun.objects.update(plan=None)
    assert promise.figures(PlaylistRun.objects.get()) == figures


def test_an_older_list_is_told_by_the_runs_own_figures(db):
    user = User.objects.create_user("bob")
    run = PlaylistRun.objects.create(
        user=user, day=date(2026, 11, 22), created_at=NOW, status="success", size_asked=30, min_new_ratio=0.8,
        total=2, new=1, relaxations=["min_new_ratio"],
    )  # fmt: skip
    assert promise.kept(promise.figures(run)) == [
        "You asked for at least 80 % new; only 1 of 2 are, as not enough unknown music was found."
    ]
    for place, is_new in enumerate((True, False, False), 1):
        reason = {"relation": "search", "because": "Them"}
        PlaylistRunTrack.objects.create(
            run=run, position=place, spotify_track_id=f"{place}", is_new_to_bot=is_new, reason=reason
        )
    assert promise.kept(promise.figures(run)) == [
        "You asked for at least 80 % new; only 1 of 3 are, as not enough unknown music was found."
    ]


@given(st.integers(1, 100), st.integers(0, 100), st.integers(0, 100))
def test_only_is_said_where_the_share_was_missed_and_there_alone(total, new, asked):
    new = min(new, total)
    said = promise.kept(told(total, new, asked))[0]
    assert ("only" in said) == (100 * new < asked * total)
