"""`manage.py generate` as a process of its own, in an installation of its own (SQLite)."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import cache
from pathlib import Path

from accounts.encryption import seal
from vibe.tests.databases import migrated
from vibe.tests.sandbox_process import CLIENT, ROOT, Sandbox

LINK = """
from datetime import UTC, datetime, timedelta
import django
django.setup()
from django.db import connection
from accounts.models import SpotifyAccount, User
user = User.objects.create_user("alice")
SpotifyAccount.objects.create(
    user=user, account_id="a", spotify_user_id="a", pending=False, authorized_at=datetime.now(UTC),
    expires_at=datetime.now(UTC) + timedelta(days=1),
)
connection.close()  # with its write-ahead log, for the file is copied
"""


def installation(folder: Path, sandbox: Sandbox, listener: str) -> dict[str, str]:
    """The environment of one in which `@alice` is linked to the listener of that id."""
    values = {
        **os.environ,
        **sandbox.environment,
        "SPOTIFY_CLIENT_ID": CLIENT[0],
        "SPOTIFY_CLIENT_SECRET": CLIENT[1],
        "DATABASE_URL": "",
        "DB_PATH": str(shutil.copy(_linked(), folder / "db.sqlite3")),
    }
    token = seal("1/a/access", sandbox.token_for(listener)["access_token"])
    with closing(sqlite3.connect(values["DB_PATH"])) as database, database:
        database.execute("UPDATE accounts_spotifyaccount SET access_token_sealed = ?", [token])
    return values


@cache
def _linked() -> Path:
    """One in which she is linked, still without a token."""
    path = migrated(Path(os.environ["TEST_TABLES"]) / f"linked-{os.getpid()}.sqlite3")
    values = {**os.environ, "DATABASE_URL": "", "DB_PATH": str(path)}
    subprocess.run([sys.executable, "-c", LINK], env=values, cwd=ROOT, check=True, timeout=60)
    return path


def start(environment: dict[str, str], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "generate", "--user", "@alice", "--json", *options],
        env=environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
