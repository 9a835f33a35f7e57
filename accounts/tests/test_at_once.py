"""What must hold when two processes, or twenty requests, do the same thing at the same moment: with real ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings

from accounts.spotify_auth import SCOPES
from vibe.tests.databases import migrated

SET_UP = """
import json, os, sys, threading, time, urllib.request
import django
django.setup()
from django.test import Client
from django.utils import timezone
from accounts.models import OAuthState, SpotifyAccount, User
from accounts.spotify_auth import begin_link
from accounts.tokens import token_for
from vibe.clients.meter import Meter
"""
PREPARE = """
from accounts.tests.spotify import linked_account
linked_account(User.objects.create(username="alice"))
"""
REFRESH = """
def sleep(seconds):
    urllib.request.urlopen(os.environ["SPOTIFY_ACCOUNTS_URL"] + "/waiting").read()
    time.sleep(seconds)
print(token_for(SpotifyAccount.objects.get(), timezone.now, Meter(timezone.now), sleep=sleep))
"""
TWENTY = """
def at_once(ask):
    together, statuses = threading.Barrier(20), []
    def one():
        client = Client(headers={"host": "127.0.0.1"})
        together.wait()
        statuses.append((ask(client).status_code, client))
    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return statuses
bob = User.objects.create(username="bob")
token = begin_link(bob, timezone.now()).partition("token=")[2]
posts = at_once(lambda client: client.post("/auth/spotify/start", {"token": token}))
session = next(client for status, client in posts if status == 303).session
key, state = session.session_key, session["spotify_link"]["state"]
def come_back(client):
    client.cookies["sessionid"] = key
    return client.get("/auth/spotify/callback", {"code": "c", "state": state})
returns = at_once(come_back)
print(json.dumps([sorted(status for status, _ in answers) for answers in (posts, returns)]))
"""


class Spotify(BaseHTTPRequestHandler):
    """Answers the first token request only when a second process is known to wait for it."""

    calls: list[str]
    waiting: threading.Event

    def do_POST(self) -> None:
        self.calls.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if "grant_type=refresh_token" in self.calls[-1]:
            self.waiting.wait(30)
        tokens = {"access_token": f"access-{len(self.calls)}", "refresh_token": "r", "expires_in": 3600}
        self._answer(tokens | {"scope": " ".join(SCOPES)})

    def do_GET(self) -> None:
        self.waiting.set()
        self._answer({"id": "bob", "account_id": "bob-account"})

    def _answer(self, body: dict[str, object]) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def spotify() -> Iterator[tuple[str, list[str]]]:
    calls: list[str] = []
    handler = type("Handler", (Spotify,), {"calls": calls, "waiting": threading.Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", calls
    server.shutdown()
    server.server_close()


def start(script: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SET_UP + script],
        cwd=settings.BASE_DIR,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def output(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip()


@pytest.fixture
def environment(tmp_path: Path, spotify: tuple[str, list[str]]) -> dict[str, str]:
    url = spotify[0]
    values = {
        "DATABASE_URL": "",
        "DB_PATH": str(migrated(tmp_path / "db.sqlite3")),
        "SPOTIFY_ACCOUNTS_URL": url,
        "SPOTIFY_API_URL": f"{url}/v1/",
    }
    output(start(PREPARE, values))
    return values


def test_two_processes_that_refresh_at_once_make_one_call_and_share_one_token(environment, spotify):
    processes = [start(REFRESH, environment) for _ in range(2)]
    assert [output(process) for process in processes] == ["access-1", "access-1"]
    assert len(spotify[1]) == 1


def test_twenty_browsers_at_once_use_a_link_once_and_a_return_once(environment, spotify):
    posts, returns = json.loads(output(start(TWENTY, environment)))
    assert posts == [303, *[410] * 19]
    assert returns == [200, *[400] * 19]
    assert len(spotify[1]) == 1
