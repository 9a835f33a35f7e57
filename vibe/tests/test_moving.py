"""A backup made in the middle of a night and put back days later, into the other kind of database, as the pages say."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vibe.tests.databases import PAIRS, empty_database, migrated
from vibe.tests.sandbox_process import CLIENT, ROOT, Sandbox

SCALING = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
FIRST = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)  # five minutes after the hour in which the listener is due has ended
DAY = timedelta(days=1)
# What putting a backup back does not change.
FACTS = ("recommendations.", "playlists.playlistruntrack", "playlists.runledger", "clients.apiusage")

CLOCK = """
import os, sys
from datetime import UTC, datetime
from django.utils import timezone
timezone.now = lambda: datetime.fromisoformat(os.environ["NOW"])
import django; django.setup()
"""
FILL = """
from datetime import time, timedelta
from accounts.encryption import seal
from accounts.models import SpotifyAccount, User
now = timezone.now()
user = User.objects.create_user("alice", telegram_chat_id=7, nightly_at=time(8), playlist_size=5)
SpotifyAccount.objects.create(
    user=user, account_id="a", spotify_user_id="demo", display_name="Анна", pending=False, authorized_at=now,
    access_token_sealed=seal(f"{user.pk}/a/access", sys.argv[1]), expires_at=now + timedelta(days=3000),
)
"""
# The tick, and a worker's part.
NIGHT = """
from playlists import tasks
from playlists.models import PlaylistRun
tasks.tick()
for run in PlaylistRun.objects.due(timezone.now()):
    tasks.run(run.pk)
"""
# It says when the playlist is just about to be made, and waits for a word.
HELD = """
from vibe import crash
crash.here = lambda label: label == "creating" and (print(label, flush=True), input())
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


class Installation:
    def __init__(self, place: dict[str, str], sandbox: Sandbox, folder: Path) -> None:
        keys = {"SPOTIFY_CLIENT_ID": CLIENT[0], "SPOTIFY_CLIENT_SECRET": CLIENT[1], "SPOTIFY_DAILY_CALLS": "0"}
        self.environment = {**os.environ, **sandbox.environment, **place, **keys, "PYTHONPATH": str(ROOT)}
        self.sandbox, self.folder = sandbox, folder

    def start(self, words: list[str], now: datetime = FIRST) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        values = self.environment | {"NOW": now.isoformat()}
        self.sandbox.set_clock(now)
        return subprocess.Popen(
            [sys.executable, *words], cwd=self.folder, env=values, text=True, stdin=pipe, stdout=pipe, stderr=pipe
        )

    def run(self, script: str, now: datetime, *words: str) -> None:
        done(self.start(["-c", CLOCK + script, *words], now))

    def as_written(self, verb: str, now: datetime) -> str:
        """The page's command of that name, with the clock of the moment."""
        line = re.search(rf"(?m)^\.venv/bin/python (manage\.py {verb}\b.*)$", SCALING)
        assert line, verb
        script = "import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
        return done(self.start(["-c", CLOCK + script, str(ROOT / "manage.py"), *line[1].split()[1:]], now))

    def playlists(self) -> list[str]:
        """The days of ours that are in the library."""
        ours = [one for one in self.sandbox.state()["playlists"] if "Daily Vibe" in one["name"] and one["followed"]]
        return sorted(one["name"][-10:] for one in ours)


def done(process: subprocess.Popen[str], word: str = "") -> str:
    out, err = process.communicate(f"{word}\n", timeout=120)
    assert process.returncode == 0, err
    return out


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_no_playlist_comes_twice_after_an_older_backup_was_put_back(old, new, tmp_path, sandbox):
    nights = [FIRST + DAY * number for number in range(4)]
    days = [f"{night:%Y-%m-%d}" for night in nights]
    with empty_database(old, tmp_path) as here, empty_database(new, tmp_path) as there:
        before, after = Installation(here, sandbox, tmp_path), Installation(there, sandbox, tmp_path)
        before.as_written("migrate", FIRST)
        if new == "sqlite":
            migrated(Path(there["DB_PATH"]))
        else:
            after.as_written("migrate", FIRST)
        before.run(FILL, FIRST - 2 * DAY, sandbox.lasting_token("demo"))
        before.run(NIGHT, nights[0])
        second = before.start(["-c", CLOCK + HELD + NIGHT], nights[1])
        assert second.stdout is not None
        assert second.stdout.readline() == "creating\n"
        before.as_written("backup", nights[1])  # in the middle of the second night
        done(second, "go on")
        before.run(NIGHT, nights[2])
        assert before.playlists() == days[:3]

        said = after.as_written("restore_backup", nights[2] + timedelta(hours=3))
        counted = re.findall(r"(?m)^\S+\s+(\d+) in the backup\s+(\d+) here$", said)
        assert len(counted) > 10
        assert all(was == there for was, there in counted)
        assert facts(tmp_path / "everything.jsonl.gz") == facts(again(after, tmp_path))
        after.run(NIGHT, nights[2] + timedelta(hours=4))
        assert after.playlists() == days[:3]
        after.run(NIGHT, nights[3])
        assert after.playlists() == days


def again(after: Installation, folder: Path) -> Path:
    path = folder / "again.jsonl.gz"
    done(after.start([str(ROOT / "manage.py"), "backup", str(path)]))
    return path


def facts(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file.read().splitlines()[1:]]
    found = [row for row in rows if row["model"].startswith(FACTS)]
    assert len(found) > 100
    return found
