"""The doctor's page: who may see it, what it shows before and after a check, and that it never waits for long."""

from __future__ import annotations

import json
import runpy
import subprocess
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from accounts.models import User
from vibe.doctor import page
from vibe.tests.databases import present
from vibe.tests.healthy import _sandbox, healthy, sandbox, web_server  # noqa: F401  fixtures

ADDRESS = "/admin/doctor/"


@pytest.fixture
def operator(client, db) -> User:
    user = User.objects.create_superuser("olga", password="p")
    client.force_login(user)
    return user


def states(answer: Any) -> dict[str, str]:
    return {row.name: row.state for row in answer.context["rows"]}


def test_it_is_for_who_may_lift_a_block(client, db):
    staff = User.objects.create_user("stan", is_staff=True)
    client.force_login(staff)
    assert (client.get(ADDRESS).status_code, client.post(ADDRESS).status_code) == (403, 403)
    staff.user_permissions.add(Permission.objects.get(codename="change_servicestate"))
    assert client.get(ADDRESS).status_code == 200


def test_a_stranger_is_asked_to_sign_in(client, db):
    assert client.get(ADDRESS).status_code == 302
    assert "login" in client.get(ADDRESS)["Location"]


def test_at_first_it_shows_what_can_be_told_without_asking_anybody(client, operator, healthy, sandbox):  # noqa: F811
    sandbox.calls(clear=True)
    answer = client.get(reverse("admin_doctor"))
    assert (states(answer)["worker"], states(answer)["spotify_me"]) == ("ok", "not_checked")
    assert sandbox.calls() == []


def test_what_is_to_mend_comes_first_with_what_to_do(client, operator, healthy, settings):  # noqa: F811
    settings.SPOTIFY_REDIRECT_URI = "http://localhost:8000/auth/spotify/callback"
    answer = client.get(ADDRESS)
    assert next(iter(states(answer).items())) == ("redirect", "mend")
    assert "→ Spotify refuses localhost." in answer.content.decode()


def test_other_methods_are_refused_and_a_check_needs_its_form(client, operator):
    assert client.put(ADDRESS).status_code == 405
    strict = type(client)(enforce_csrf_checks=True)
    strict.force_login(operator)
    assert strict.post(ADDRESS).status_code == 403


@pytest.fixture
def command(monkeypatch):
    """What the page runs, and what it gets back: a table with one row of markup."""
    asked: list[Any] = []
    row = {"name": "clock", "title": "Clock", "state": "mend", "found": "<b>x</b>", "remedy": "set it"}

    def run(arguments: list[str], **options: Any) -> Any:
        asked.append((arguments, options))
        if isinstance(asked[0], Exception):
            raise asked[0]
        return subprocess.CompletedProcess(arguments, 1, json.dumps({"well": False, "rows": [row]}).encode(), b"")

    monkeypatch.setattr(subprocess, "run", run)
    return asked


def test_a_check_is_made_by_a_process_that_ends_before_the_web_workers_patience_does(client, operator, command):
    assert client.post(ADDRESS)["Location"] == ADDRESS
    ((arguments, options),) = command
    gunicorn = runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))
    assert page.SECONDS < options["timeout"] < gunicorn["timeout"]
    assert "--write" not in arguments
    answer = client.get(ADDRESS)
    assert states(answer) == {"clock": "mend"}
    assert "<b>x</b>" not in answer.content.decode()
    assert "Checked at" in answer.content.decode()


def test_the_probe_is_made_only_where_the_box_is_ticked(client, operator, command):
    client.post(ADDRESS, {"write": "1"})
    assert "--write" in command[0][0]


@pytest.mark.parametrize("error", [subprocess.TimeoutExpired("doctor", 50), OSError("no memory")])
def test_a_process_that_gives_no_answer_is_a_row(client, operator, command, error):
    command.append(error)
    client.post(ADDRESS)
    assert states(client.get(ADDRESS)) == {"doctor": "mend"}


def test_what_one_operator_found_is_not_shown_to_another(client, operator, command):
    client.post(ADDRESS)
    client.force_login(User.objects.create_superuser("oleg", password="p"))
    assert states(client.get(ADDRESS)).keys() > {"settings", "worker"}


@pytest.mark.django_db(transaction=True)
def test_the_whole_way(client, operator, healthy, sandbox, settings, monkeypatch):  # noqa: F811
    names = [
        *sandbox.environment,
        "PUBLIC_URL",
        "SPOTIFY_REDIRECT_URI",
        "SPOTIFY_CLIENT_ID",
        "SPOTIFY_CLIENT_SECRET",
        "TELEGRAM_BOT_TOKEN",
        "OPERATOR_CHAT_ID",
    ]
    for name in names:
        monkeypatch.setenv(name, getattr(settings, name))
    for name, value in present(connection.settings_dict).items():
        monkeypatch.setenv(name, value)
    # What takes long on a busy machine is not what is tried here; the limits themselves are, above.
    monkeypatch.setenv("SPOTIFY_CALL_GAP_MS", "0")
    monkeypatch.setattr(page, "SECONDS", 0)
    monkeypatch.setattr(page, "KILLED", 600)
    client.post(ADDRESS, {"write": "1"}, headers={"accept-language": "en"})
    found = states(client.get(ADDRESS))
    assert [name for name, state in found.items() if state == "mend"] == []
    assert (found["spotify_me"], found["write_remove"], found["telegram_token"]) == ("ok", "ok", "ok")
