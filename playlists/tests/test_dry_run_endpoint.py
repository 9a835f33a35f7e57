from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import Outbox, User
from playlists import tasks, views
from playlists.models import PlaylistRun
from playlists.request import request
from recommendations.models import RecommendationHistory

URL = "/internal/jobs/dry-run"
TOKEN = "t0ken-" + "x" * 30
SHOWN = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def token(settings) -> None:
    settings.INTERNAL_JOB_TOKEN = TOKEN


@pytest.fixture
def hasty(monkeypatch) -> None:
    """A caller who is told at once where to ask."""
    monkeypatch.setattr(views, "PATIENCE", 0.0)


def ask(user: object = "@alice", **how):
    how = {"content_type": "application/json", "headers": SHOWN} | how
    return Client(enforce_csrf_checks=True).post(URL, {"user": user}, **how)


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.usefixtures("hasty", "warm")
def test_the_plan_is_fetched_where_the_first_answer_says_and_nothing_is_written_or_said(listener, sandbox):
    first = ask()
    run = PlaylistRun.objects.get()
    assert (first.status_code, first["Location"]) == (202, f"{URL}/{run.pk}")
    assert first.json() == {"run": {"id": run.pk, "status": "queued"}}
    tasks.run(run.pk)
    answer = Client().get(first["Location"], headers=SHOWN)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["run"]["status"], told["run"]["dry_run"], told["run"]["user"]) == ("success", True, "alice")
    assert len(told["tracks"]) == told["run"]["total"] == 30
    assert all(track["name"] and track["reason"] for track in told["tracks"])
    assert {call["method"] for call in sandbox.calls("spotify")} <= {"GET"}
    assert not RecommendationHistory.objects.exists()
    assert not Outbox.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_plan_that_is_soon_made_is_the_answer(listener):
    def work() -> None:
        while not (run := PlaylistRun.objects.first()):
            pass
        tasks.run(run.pk)
        connections.close_all()

    worker = Thread(target=work)
    worker.start()
    answer = ask("@alice", content_type="application/json")
    worker.join()
    assert (answer.status_code, answer.json()["run"]["status"]) == (200, "success")


@pytest.mark.usefixtures("hasty")
def test_a_form_names_the_user_too(alice):
    answer = Client().post(URL, {"user": f"{alice.pk}"}, headers=SHOWN)
    assert answer.status_code == 202


@pytest.mark.usefixtures("hasty")
def test_what_went_wrong_is_on_the_run(listener, sandbox):
    sandbox.fault("server_error", path="/v1/me/tracks", times=None)
    ask()
    run = PlaylistRun.objects.get()
    tasks.run(run.pk)
    told = Client().get(f"{URL}/{run.pk}", headers=SHOWN).json()["run"]
    assert (told["status"], told["error"]["code"]) == ("failed", "unavailable")
    assert told["notes"]


@pytest.mark.parametrize("user", ["@nobody", "99", "9" * 30, "tg:1", "@nul\x00", "\ud800", "alice"])
def test_a_user_that_is_not_there_is_no_fault_of_ours(alice, user):
    assert code(ask(user)) == (404, "unknown_user")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"user": null}', b'{"user": ["@alice"]}', b"[" * 4000])
def test_a_body_that_names_nobody_is_refused(db, body):
    answer = Client().post(URL, body, content_type="application/json", headers=SHOWN)
    assert code(answer) == (400, "bad_request")


def test_who_has_nothing_connected_or_a_run_under_way_gets_none(alice):
    User.objects.create_user("bob")
    assert code(ask("@bob")) == (409, "not_connected")
    now = timezone.now()
    PlaylistRun.objects.create(
        user=alice, status="running", day=now.date(), created_at=now, size_asked=5, min_new_ratio=0.5,
        lease_until=now + timedelta(minutes=1),
    )  # fmt: skip
    assert code(ask()) == (409, "busy")
    assert PlaylistRun.objects.count() == 1


@pytest.mark.usefixtures("hasty")
def test_a_run_that_began_in_between_ends_the_dry_one_instead_of_leaving_it_in_the_line(alice):
    ask()
    dry = PlaylistRun.objects.get()
    now = timezone.now()
    PlaylistRun.objects.create(
        user=alice, status="running", day=now.date(), created_at=now, size_asked=5, min_new_ratio=0.5,
        lease_until=now + timedelta(minutes=1),
    )  # fmt: skip
    tasks.run(dry.pk)
    dry.refresh_from_db()
    assert (dry.status, dry.error_code) == ("failed", "busy")
    assert dry.notes.startswith("Another run of this user was under way")
    assert code(Client().get(f"{URL}/{dry.pk}", headers=SHOWN)) == (409, "busy")


@pytest.mark.usefixtures("hasty")
def test_it_is_none_of_the_listeners_own_wishes_of_the_day(alice, settings):
    settings.MANUAL_RUNS_A_DAY = 1
    assert [ask().status_code for _ in range(2)] == [202, 202]
    request(alice, trigger="bot", now=timezone.now())
    assert ask().status_code == 202


def test_only_dry_runs_asked_for_here_are_shown(alice):
    now = timezone.now()
    facts = {"user": alice, "day": now.date(), "created_at": now, "size_asked": 5, "min_new_ratio": 0.5}
    for about in ({"trigger": "endpoint"}, {"trigger": "bot", "dry_run": True}):
        run = PlaylistRun.objects.create(**facts, **about)
        assert code(Client().get(f"{URL}/{run.pk}", headers=SHOWN)) == (404, "not_found")


@pytest.mark.parametrize(("method", "path"), [("post", URL), ("get", f"{URL}/1")])
def test_it_is_closed_to_whoever_shows_no_token(db, settings, method, path):
    assert code(getattr(Client(), method)(path)) == (401, "not_authorized")
    settings.INTERNAL_JOB_TOKEN = ""
    assert code(getattr(Client(), method)(path, headers={"authorization": "Bearer "})) == (404, "not_found")


def test_each_address_takes_its_own_method(db):
    assert (answer := Client().get(URL, headers=SHOWN)).status_code == 405
    assert answer["Allow"] == "POST"
    assert Client().post(f"{URL}/1", headers=SHOWN).status_code == 405
