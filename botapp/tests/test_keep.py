"""The latest playlist is never tidied away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from botapp.tests.listener import presses, says
from botapp.tests.playlist import HOSTILE, ODD, listener, made, stranger
from playlists.models import PlaylistRun


@pytest.fixture
def user(alice):
    return listener(alice)


def kept() -> list[int]:
    return list(PlaylistRun.objects.filter(kept=True).values_list("pk", flat=True))


@pytest.mark.parametrize("odd", ODD)
def test_the_latest_is_kept_whatever_is_written_behind_it(user, odd):
    made(user, 1, at=timezone.now() - timedelta(days=1))
    latest = made(user, 1)
    (said,) = says(7, f"/keep {odd}")
    assert ("Kept" in said.html, latest.playlist_url in said.html) == (True, True)
    assert kept() == [latest.pk]


def test_twice_says_so(user):
    run = made(user, 1)
    says(7, "/keep")
    assert "kept already" in says(7, "/keep")[0].html
    assert kept() == [run.pk]


def test_none_yet(user):
    made(stranger(), 1)
    assert "no playlist of yours yet" in says(7, "/keep")[0].html
    assert kept() == []


def test_one_that_was_tidied_away_meanwhile_is_not_called_kept(user):
    made(user, 1, tidied_at=timezone.now())
    assert "tidied away already" in says(7, "/keep")[0].html
    assert kept() == []


def test_a_standing_one_is_kept_only_when_he_wants_the_next_day_to_begin_another(user):
    run = made(user, 1, mode="standing")
    (said,) = says(7, "/keep")
    assert "every past day can be restored" in said.html
    assert kept() == []
    (done,) = presses(7, "Keep it as it is")
    assert (done.edits, "another playlist" in done.html) == (said.message_id, True)
    assert kept() == [run.pk]
    assert "kept already" in says(7, "/keep")[0].html


def test_a_button_of_yesterday_keeps_nothing(user):
    run = made(user, 1, mode="standing", at=timezone.now() - timedelta(days=1))
    made(user, 1, mode="standing")
    assert "newer playlist" in presses(7, f"keep:{run.pk}")[0].html
    assert kept() == []


def test_names_are_escaped(user):
    made(user, 1, playlist_name=HOSTILE)
    assert HOSTILE not in says(7, "/keep")[0].html
