"""`manage.py run`: what it starts, what it says, and that it ends whole. The browser walk goes on from there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from accounts.models import User
from vibe.management.commands import run
from vibe.tests.sandbox_process import CLIENT, ROOT, Sandbox, small_world

TOKEN = "1000000001:a-token-of-thirty-five-characters-or-so"


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _half_a_request(port: int) -> socket.socket:
    """It keeps a thread of the web server waiting for the other half."""
    waiting = socket.create_connection(("127.0.0.1", port))
    waiting.sendall(b"GET /health HTTP/1.1\r\n")
    return waiting


def test_with_credentials_it_runs_against_the_services_that_are_configured(tmp_path: Path, free_port: int):
    public = f"http://127.0.0.1:{free_port}"
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with Sandbox(world=small_world()) as sandbox:
        own = {"SPOTIFY_CLIENT_ID": CLIENT[0], "SPOTIFY_CLIENT_SECRET": CLIENT[1], "TELEGRAM_BOT_TOKEN": TOKEN}
        own |= {"PUBLIC_URL": public, "DB_PATH": str(tmp_path / "db.sqlite3"), "BOT_OPEN": "1"}
        names = ("SECRET_KEY", "TOKEN_ENCRYPTION_KEYS")
        secrets = {name: os.environ[name] for name in names} | {"ENV_FILE": os.devnull}
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env={**bare, **secrets, **sandbox.environment, **own},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdout is not None
        said = ""
        while "Stop   Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        assert "Write to your bot in Telegram" in said
        assert re.search(rf"Admin  {public}/admin/  user admin, password \S+", said)
        with _half_a_request(free_port), _half_a_request(free_port):  # as many as there are web workers
            assert requests.get(f"{public}/health", timeout=10).ok
        assert requests.head(f"{public}/privacy", timeout=10).headers["Content-Length"] != "0"
        process.terminate()
        rest, _ = process.communicate(timeout=90)
        assert process.returncode == 0, said + rest
        assert "body bytes" not in said + rest  # gunicorn's word for a HEAD that was answered like a GET


def test_a_login_for_the_admin_is_made_once(db):
    first = run.made_login()
    password = first.removeprefix("user admin, password ")
    assert User.objects.get(username="admin").check_password(password)
    assert run.made_login() == ""


@pytest.mark.parametrize(
    ("token", "mode", "bot"), [(TOKEN, "polling", True), (TOKEN, "webhook", False), ("", "polling", False)]
)
def test_the_bot_is_a_process_only_where_it_polls(settings, token, mode, bot):
    settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_MODE = token, mode
    processes = run.commands()
    assert set(processes) == {"web", "worker", *(["bot"] if bot else [])}
    assert any("TELEGRAM_BOT_TOKEN is empty" in line for line in run.lines(processes, "")) == (not token)


def test_settings_that_cannot_work_are_told_without_a_traceback(tmp_path: Path):
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own = {"ENV_FILE": os.devnull, "SPOTIFY_CLIENT_ID": "x", "DB_PATH": str(tmp_path / "db.sqlite3")}
    ended = subprocess.run(
        [sys.executable, "manage.py", "run"], cwd=ROOT, env=bare | own, text=True, capture_output=True, timeout=60
    )
    assert (ended.returncode, "SECRET_KEY is missing" in ended.stderr, "Traceback" in ended.stderr) == (2, True, False)
