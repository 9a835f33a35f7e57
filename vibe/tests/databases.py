"""Databases of their own for what is tried between processes, or between two kinds of database."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from vibe.tests.sandbox_process import ROOT

SERVER = os.environ.get("DATABASE_URL", "")
# The server is there when the suite runs on PostgreSQL (make test-postgres); then SQLite is tried beside it.
KINDS = ["sqlite", "postgresql"] if SERVER.startswith("postgres") else ["sqlite"]
PAIRS = [(old, new) for old in KINDS for new in KINDS if old != new] or [("sqlite", "sqlite")]


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[dict[str, str]]:
    """The environment that names one without tables, which is gone afterwards."""
    if kind == "sqlite":
        yield {"DATABASE_URL": "", "DB_PATH": str(folder / f"{uuid4().hex}.sqlite3")}
        return
    import psycopg

    name = f"vibe_{uuid4().hex}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield {"DATABASE_URL": f"{SERVER.rpartition('/')[0]}/{name}", "DB_PATH": ""}
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def migrated(path: Path) -> Path:
    """A new SQLite file with all tables: a copy of what is made once in a run of the tests (conftest.py)."""
    tables = Path(os.environ["TEST_TABLES"])
    with (tables / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made := tables / "db.sqlite3").exists():
            managed(["migrate", "--verbosity", "0"], {"DATABASE_URL": "", "DB_PATH": str(tables / "new.sqlite3")})
            (tables / "new.sqlite3").rename(made)
    return Path(shutil.copy(made, path))


def present(settings_dict: Mapping[str, object]) -> dict[str, str]:
    """The environment that names the very database of the test, from `connection.settings_dict`."""
    name = str(settings_dict["NAME"])
    if str(settings_dict["ENGINE"]).endswith("sqlite3"):
        return {"DATABASE_URL": "", "DB_PATH": name}
    return {"DATABASE_URL": f"{SERVER.rpartition('/')[0]}/{name}", "DB_PATH": ""}


def start(words: list[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """`manage.py` with these words."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Its exit code, and what it said."""
    out, err = process.communicate(timeout=180)
    return process.returncode, out, err


def managed(words: list[str], environment: Mapping[str, str]) -> str:
    """What the command said; it must end well."""
    code, out, err = ended(start(words, environment))
    assert code == 0, err
    return out
