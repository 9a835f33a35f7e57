"""What is answered at once to /sync; the rest is in playlists/tests/test_errands.py."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import Outbox, User
from accounts.screens import rendered
from botapp.tests.listener import says
from botapp.tests.playlist import ODD, listener
from playlists.errands import LONGEST


@pytest.fixture
def user(alice):
    return listener(alice)


@pytest.mark.parametrize("odd", ODD)
def test_it_answers_at_once_and_leaves_the_work_to_a_worker(user, odd):
    (said,) = says(7, f"/sync {odd}")
    assert said.kind == "sync_begun"
    assert OrmQ.objects.count() == 1


def test_twice_says_that_it_is_under_way_until_it_is_lost(user):
    says(7, "/sync")
    assert says(7, "/sync")[0].kind == "sync_again"
    assert OrmQ.objects.count() == 1
    later = timezone.now() + LONGEST + timedelta(minutes=1)
    assert says(7, "/sync", now=later)[0].kind == "sync_begun"
    assert OrmQ.objects.count() == 2


def test_once_the_result_was_told_it_may_be_asked_again(user):
    says(7, "/sync")
    Outbox.objects.create(key=f"{Outbox.objects.get().key}:done", chat_id=7, kind="sync")
    assert says(7, "/sync")[0].kind == "sync_begun"


def test_without_a_worker_he_is_told(user):
    assert "worker of this installation is not running" in says(7, "/sync")[0].html


def test_without_spotify_it_leads_there(user):
    user.spotify.delete()
    assert says(7, "/sync")[0].labels == ["Connect"]
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize(("count", "words"), [(0, "Nothing was added"), (1, "1 track was"), (21, "21 tracks were")])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_counts_are_told(user, count, words, language):
    facts = {"added": count, "removed": 0, "total": 101, "read": 101, "complete": True}
    row = Outbox(kind="sync", chat_id=7, payload=facts)
    html, _ = rendered(row, User(language=language), timezone.now())
    assert (words in html) or language == "ru"
    assert "101" in html
