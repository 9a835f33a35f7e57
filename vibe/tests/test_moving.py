"""The way from one database to another, as docs/scaling.md has it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from vibe.tests.sandbox_process import ROOT

SCALING = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
FILL = """
import django; django.setup()
from datetime import UTC, datetime
from accounts.models import SpotifyAccount, User
from playlists.models import PlaylistRun
now = datetime(2026, 11, 23, tzinfo=UTC)
user = User.objects.create_user("alice", telegram_chat_id=7)
SpotifyAccount.objects.create(
    user=user, account_id="a", spotify_user_id="a", expires_at=now, authorized_at=now, pending=False
)
PlaylistRun.objects.create(user=user, trigger="nightly", day=now.date(), night=now.date(), created_at=now,
                           size_asked=5, min_new_ratio=0.5, status="success", plan={"tracks": [], "relaxations": []})
"""
LOOK = """
import django; django.setup()
from playlists.models import PlaylistRun
from django_q.models import Schedule
run = PlaylistRun.objects.get()
print(run.user.username, run.user.spotify.account_id, run.status, run.plan["relaxations"], Schedule.objects.count())
"""


def manage(command: str, database: Path, folder: Path) -> None:
    words = [str(ROOT / "manage.py"), *command.split()[2:]]
    run([*words], database, folder)


def run(words: list[str], database: Path, folder: Path) -> str:
    environment = {**os.environ, "DATABASE_URL": "", "DB_PATH": str(database), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *words], env=environment, cwd=folder, text=True, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_moves_to_another_database_as_written(tmp_path):
    page = SCALING.replace("\\\n", " ")
    dump, load = (re.search(rf"\.venv/bin/python manage\.py {verb}data .*", page) for verb in ("dump", "load"))
    assert dump
    assert load
    old, new = tmp_path / "old.sqlite3", tmp_path / "new.sqlite3"
    for database in (old, new):
        manage("python manage.py migrate --verbosity 0", database, tmp_path)
    run(["-c", FILL], old, tmp_path)
    manage(dump[0], old, tmp_path)
    manage(load[0], new, tmp_path)
    assert run(["-c", LOOK], new, tmp_path).split() == ["alice", "a", "success", "[]", "8"]
