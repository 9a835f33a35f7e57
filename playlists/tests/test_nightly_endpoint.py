from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django_q.models import OrmQ

from playlists.models import PlaylistRun

TOKEN = "t0ken-" + "x" * 30
URL = "/internal/jobs/nightly"
SKIPPED = {"done": 0, "off": 0, "not_linked": 0, "blocked": 0}


@pytest.fixture(autouse=True)
def token(settings) -> None:
    settings.INTERNAL_JOB_TOKEN = TOKEN


@pytest.fixture
def caller() -> Client:
    """A program: no session, and nothing that a browser would need."""
    return Client(enforce_csrf_checks=True)


def shown(token: str = TOKEN) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_it_queues_todays_playlist_of_everybody_whatever_the_hour(alice, caller):
    alice.nightly_at = (datetime.now(UTC) - timedelta(minutes=5)).time()
    alice.save()
    answer = caller.post(URL, headers=shown())
    run = PlaylistRun.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"queued": [run.pk], "skipped": SKIPPED})
    assert (run.trigger, run.status, run.user) == ("endpoint", "queued", alice)
    assert OrmQ.objects.get().task["args"] == (run.pk,)


def test_asking_again_queues_nothing_twice(alice, caller):
    alice.nightly_at = time(3)
    alice.save()
    caller.post(URL, headers=shown())
    again = caller.post(URL, headers=shown())
    assert (again.status_code, again.json()) == (202, {"queued": [], "skipped": SKIPPED | {"done": 1}})
    assert PlaylistRun.objects.count() == OrmQ.objects.count() == 1


def test_who_has_no_night_is_counted(alice, caller):
    assert caller.post(URL, headers=shown()).json() == {"queued": [], "skipped": SKIPPED | {"off": 1}}


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": ""}, {"authorization": "Bearer"}, {"authorization": "Bearer "}, shown("wrong"),
     shown(TOKEN[:-1]), shown(TOKEN + "x"), shown(TOKEN.upper()), shown("тайна"), {"authorization": f"Basic {TOKEN}"},
     {"authorization": TOKEN}, {"x-token": TOKEN}],
)  # fmt: skip
def test_without_the_token_it_does_nothing_and_says_how_to_show_one(alice, caller, headers):
    alice.nightly_at = time(3)
    alice.save()
    answer = caller.post(URL, headers=headers)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert "no-store" in answer["Cache-Control"]
    assert not PlaylistRun.objects.exists()


def test_a_token_in_the_address_or_the_body_does_not_count(db, caller):
    assert caller.post(f"{URL}?token={TOKEN}", {"token": TOKEN}).status_code == 401


@pytest.mark.parametrize("short", ["", "x" * 31])
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_token_that_is_long_enough_there_is_no_such_address(caller, settings, short, method):
    settings.INTERNAL_JOB_TOKEN = short
    assert getattr(caller, method)(URL, headers=shown(short)).status_code == 404


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_post_is_taken(caller, method):
    answer = getattr(caller, method)(URL, headers=shown())
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_the_scheme_may_be_written_in_any_case(db, caller):
    assert caller.post(URL, headers={"authorization": f"bearer {TOKEN}"}).status_code == 202


def test_six_a_minute_are_answered_and_who_guesses_takes_none_of_them(db, caller):
    guesses = [caller.post(URL, headers=shown(f"wrong{n}")) for n in range(7)]
    assert [answer.status_code for answer in guesses] == [401] * 6 + [429]
    assert int(guesses[6]["Retry-After"]) > 0
    answers = [caller.post(URL, headers=shown()) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [202] * 6 + [429]
    assert 0 < int(answers[6]["Retry-After"]) <= 10
    assert answers[6].json()["error"]["code"] == "too_many_requests"


def test_a_body_larger_than_any_that_makes_sense_is_not_read(db, caller):
    assert caller.post(URL, b"x" * 4097, content_type="text/plain", headers=shown()).status_code == 413
    assert caller.post(URL, b"x" * 4096, content_type="text/plain", headers=shown()).status_code == 202


def test_trouble_with_the_database_is_told_without_its_words(db, caller, caplog):
    with connection.execute_wrapper(no_database):
        answer = caller.post(URL, headers=shown())
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database")
    assert "OperationalError" in caplog.text
    assert "hunter2" not in caplog.text
    assert TOKEN not in caplog.text


def no_database(*_: object) -> None:
    raise OperationalError("password hunter2 is wrong")


def test_the_token_is_in_no_log(db, caller, caplog):
    caplog.set_level("DEBUG")
    caller.post(URL, headers=shown())
    caller.post(URL, headers=shown(TOKEN + "x"))
    assert TOKEN not in caplog.text
