"""`manage.py generate` as a process of its own, in an installation of its own (SQLite)."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from vibe.tests.sandbox_process import CLIENT, ROOT, Sandbox

LINK = """
from datetime import UTC, datetime, timedelta
import django, sys
django.setup()
from accounts.encryption import seal
from accounts.models import SpotifyAccount, User
user = User.objects.create_user("alice")
SpotifyAccount.objects.create(
    user=user, account_id="a", spotify_user_id="a", pending=False, authorized_at=datetime.now(UTC),
    access_token_sealed=seal(f"{user.pk}/a/access", sys.argv[1]), expires_at=datetime.now(UTC) + timedelta(hours=1),
)
"""


def installation(folder: Path, sandbox: Sandbox, listener: str) -> dict[str, str]:
    """The environment of one in which `@alice` is linked to the listener of that id."""
    values = {
        **os.environ,
        **sandbox.environment,
        "SPOTIFY_CLIENT_ID": CLIENT[0],
        "SPOTIFY_CLIENT_SECRET": CLIENT[1],
        "DATABASE_URL": "",
        "DB_PATH": str(shutil.copy(_migrated(), folder / "db.sqlite3")),
    }
    token = sandbox.token_for(listener)["access_token"]
    subprocess.run([sys.executable, "-c", LINK, token], env=values, cwd=ROOT, check=True, timeout=60)
    return values


@cache
def _migrated() -> Path:
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "db.sqlite3"
    values = {**os.environ, "DATABASE_URL": "", "DB_PATH": str(path)}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=values, cwd=ROOT, check=True, timeout=60
    )
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
