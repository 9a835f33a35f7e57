"""What the environment and the `.env` file say, read leniently: `vibe/checks.py` reports a wrong value."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeVar

import environ

BASE_DIR = Path(__file__).resolve().parent.parent


class Env(environ.Env):
    """What a `.env` file says stays here and does not become the environment of other programs."""

    ENVIRON = dict(os.environ)  # type: ignore[assignment]

    def str(self, var: Any, default: Any = "") -> Any:  # type: ignore[override]
        """`NAME=` with nothing behind it means the default, as a missing line does."""
        return super().str(var, default=default) or default


env = Env()  # type: ignore[no-untyped-call]
# The demo and the tests point this elsewhere, so that an operator's real keys are never read by them.
ENV_FILE = Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
NOT_READ = ""  # why the file could not be read, for `vibe.checks`
if ENV_FILE.is_file():
    try:
        env.read_env(ENV_FILE)
    except (OSError, ValueError) as error:
        NOT_READ = type(error).__name__
NOT_NUMBERS: dict[str, str] = {}
NOT_SWITCHES: dict[str, str] = {}
Number = TypeVar("Number", int, float)


def number(name: str, default: Number) -> Number:
    """The number, or the default where it is none; `vibe.checks` then says which and why."""
    raw = env.str(name, default="") or str(default)
    try:
        return type(default)(raw)
    except ValueError:
        NOT_NUMBERS[name] = raw
        return default


def switch(name: str, *, default: bool = False) -> bool:
    """Whether it is on; off where it says neither, and `vibe.checks` then says so."""
    raw = env.str(name, default="1" if default else "")
    if raw.lower() not in {"", "0", "1", "false", "true", "no", "yes", "off", "on"}:
        NOT_SWITCHES[name] = raw
    return raw.lower() in {"1", "true", "yes", "on"}


def words(name: str, default: list[str]) -> list[str]:
    return [word.strip() for word in env.list(name, default=default) if word.strip()]
