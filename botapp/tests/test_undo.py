"""What is answered at once to /undo; the rest is in playlists/tests/test_errands.py."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import SpotifyAccount
from botapp.tests.listener import says
from botapp.tests.playlist import ODD, listener, made, stranger


@pytest.fixture
def user(alice):
    SpotifyAccount.objects.update(standing_playlist_id="standing")
    return listener(alice, playlist_mode="standing")


def asked() -> list[tuple]:
    return [row.task["args"] for row in OrmQ.objects.order_by("pk")]


def filled(user, days_ago: int, **columns):
    at = timezone.now() - timedelta(days=days_ago)
    return made(user, 1, at=at, **{"playlist_id": "standing", "mode": "standing", **columns})


@pytest.mark.parametrize("odd", ODD)
def test_the_list_before_the_latest_is_asked_for(user, odd):
    filled(user, 3)
    before = filled(user, 2)
    filled(user, 1)
    filled(user, 0, status="failed")
    made(user, 1)
    (said,) = says(7, f"/undo {odd}")
    assert said.kind == "undo_begun"
    assert [arguments[2] for arguments in asked()] == [before.pk]


def test_pressing_twice_asks_once(user):
    filled(user, 2)
    filled(user, 1)
    says(7, "/undo")
    assert says(7, "/undo")[0].kind == "undo_again"
    assert len(asked()) == 1


def test_where_each_day_has_its_own_list_it_explains(user):
    filled(user, 2)
    filled(user, 1)
    listener(user, playlist_mode="fresh")
    (said,) = says(7, "/undo")
    assert "/mode" in said.html
    assert asked() == []


def test_where_there_is_nothing_before_it_says_so(user):
    filled(user, 1)
    filled(stranger(), 2)
    assert "nothing to go back to" in says(7, "/undo")[0].html
    assert asked() == []


def test_without_spotify_it_leads_there(user):
    user.spotify.delete()
    assert says(7, "/undo")[0].labels == ["Connect"]


def test_it_can_be_said_in_russian(user):
    filled(user, 2)
    filled(user, 1)
    listener(user, language="ru")
    assert says(7, "/undo")[0].html
