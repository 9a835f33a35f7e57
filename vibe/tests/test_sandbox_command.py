"""The sandbox as a process: starting by either command, refusing to start, stopping."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import requests

from vibe.tests.sandbox_process import ROOT, Sandbox, small_world


def run(*words: str) -> subprocess.CompletedProcess[str]:
    # An empty environment: neither a .env nor a database nor a secret is needed.
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": os.devnull},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("words", [["manage.py", "sandbox"], ["-m", "vibe.sandbox"]])
def test_a_taken_port_is_one_clear_line(words):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run(*words, "--port", str(port))
    assert result.returncode == 1
    assert result.stderr.strip().count("\n") == 0
    assert f"Port {port} of 127.0.0.1 cannot be used" in result.stderr


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--latency", "-1"], ["--world", "nowhere.json"]])
def test_what_cannot_work_is_one_clear_line(arguments):
    result = run("-m", "vibe.sandbox", "--port", "0", *arguments)
    assert result.returncode == 1
    assert result.stderr.strip().count("\n") == 0
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_to_even_while_a_request_hangs(number):
    sandbox = Sandbox(small_world())
    sandbox.fault("slow", service="lastfm", seconds=600)
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(requests.get, f"{sandbox.url}/2.0/", timeout=30)
        while not sandbox.calls("lastfm"):
            pass
        sandbox._process.send_signal(number)
        assert sandbox._process.wait(timeout=10) == 0
        with pytest.raises(requests.exceptions.ConnectionError):
            hanging.result()
    sandbox.stop()


def test_the_clock_runs_on_from_where_it_is_set():
    with Sandbox(small_world()) as sandbox:
        sandbox.set_clock(datetime(2031, 5, 1, tzinfo=UTC))
        assert sandbox.state()["now"].startswith("2031-05-01T00:0")


def test_eight_callers_at_once_lose_nothing():
    with Sandbox(small_world()) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.token_for('anna')['access_token']}"}

        def make(number: int) -> int:
            body = {"name": f"List {number}", "public": False}
            return requests.post(f"{sandbox.url}/v1/me/playlists", json=body, headers=headers, timeout=10).status_code

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(make, range(40))) == [201] * 40
        made = sandbox.state()["playlists"]
        assert len({one["id"] for one in made}) == len({one["name"] for one in made}) == 40


def test_extended_mode_is_a_word_away():
    with Sandbox(small_world(), mode="extended") as sandbox:
        token = sandbox.token_for("boris")["access_token"]
        answer = requests.get(f"{sandbox.url}/v1/me", headers={"Authorization": f"Bearer {token}"}, timeout=10)
        assert answer.json()["product"] == "premium"


def test_a_world_that_is_broken_stops_the_start():
    with pytest.raises(RuntimeError, match="users: a list is missing"):
        Sandbox({name: value for name, value in small_world().items() if name != "users"})
