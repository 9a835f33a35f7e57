"""Two real processes ask for one listener's playlist at the same moment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vibe.tests.sandbox_process import CLIENT, ROOT, Sandbox

LINK = """
from datetime import UTC, datetime, timedelta
import django, sys
django.setup()
from django.core.management import call_command
from accounts.encryption import seal
from accounts.models import SpotifyAccount, User
call_command("migrate", verbosity=0)
user = User.objects.create_user("alice")
SpotifyAccount.objects.create(
    user=user, account_id="a", spotify_user_id="a", pending=False, authorized_at=datetime.now(UTC),
    access_token_sealed=seal(f"{user.pk}/a/access", sys.argv[1]), expires_at=datetime.now(UTC) + timedelta(hours=1),
)
"""


@pytest.fixture
def environment(tmp_path: Path, running_sandbox: Sandbox) -> dict[str, str]:
    running_sandbox.calls(clear=True)
    values = {
        **os.environ,
        **running_sandbox.environment,
        "SPOTIFY_CLIENT_ID": CLIENT[0],
        "SPOTIFY_CLIENT_SECRET": CLIENT[1],
        "DATABASE_URL": "",
        "DB_PATH": str(tmp_path / "db.sqlite3"),
    }
    token = running_sandbox.token_for("demo")["access_token"]
    subprocess.run([sys.executable, "-c", LINK, token], env=values, cwd=ROOT, check=True, timeout=60)
    return values


def start(environment: dict[str, str], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "generate", "--user", "@alice", "--json", *options],
        env=environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_one_night_asked_for_twice_at_once_is_one_run_and_one_playlist(environment, running_sandbox):
    running_sandbox.fault("slow", path="/v1/me/tracks", seconds=2, times=None)  # so that the two overlap
    both = [start(environment, "--size", "5"), start(environment, "--size", "5")]
    ends = [process.communicate(timeout=90) for process in both]
    running_sandbox.clear_faults()
    assert sorted(process.returncode for process in both) == [0, 1]
    loser = next(err for process, (_out, err) in zip(both, ends, strict=True) if process.returncode == 1)
    assert "under way" in loser
    assert "Traceback" not in loser
    assert creations(running_sandbox) == 1
    again = start(environment)
    shown = json.loads(again.communicate(timeout=90)[0])
    assert (again.returncode, shown["run"]["id"], len(shown["tracks"])) == (0, 1, 5)
    assert creations(running_sandbox) == 1


def test_forced_runs_do_not_overlap_either(environment, running_sandbox):
    running_sandbox.fault("slow", path="/v1/me/tracks", seconds=2, times=None)
    both = [start(environment, "--size", "5", "--force") for _ in range(2)]
    for process in both:
        process.communicate(timeout=90)
    running_sandbox.clear_faults()
    assert sorted(process.returncode for process in both) == [0, 1]
    assert creations(running_sandbox) == 1


def creations(sandbox: Sandbox) -> int:
    return sum(call["method"] == "POST" and call["path"] == "/v1/me/playlists" for call in sandbox.calls("spotify"))
