"""Where the data lives: DATABASE_URL, or else the SQLite file DB_PATH, in Django's words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import environ

MEMORY = ":memory:"
SHAPE = re.compile(r"sqlite://(:memory:|/.+)?|postgres(ql)?://.+")
# What is left of a bracket without its partner, or of a password whose "/" was not escaped, is no host.
HOST = re.compile(r"([\w.,:-]|%2[Ff])*")


def described(url: str) -> dict[str, Any] | None:
    """The database at an address; None where it is no usable address of PostgreSQL or SQLite."""
    if not SHAPE.fullmatch(url):
        return None
    try:
        found: dict[str, Any] = environ.Env.db_url_config(url)  # type: ignore[no-untyped-call]
    except ValueError:
        return None
    return found if found["NAME"] and HOST.fullmatch(found.get("HOST", "")) else None


def in_file(path: str, base: Path) -> dict[str, Any]:
    """The SQLite database in a file, relative to `base`."""
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": base / (path or "var/db.sqlite3")}
