"""Makes the secrets of an installation, once: `python -m vibe.first_run [PATH]`. Standard library only.

Called by make and by the container's entrypoint before anything is installed or started; never by the settings.
"""

from __future__ import annotations

import base64
import fcntl
import os
import re
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

HEADER = "# Secrets made by `python -m vibe.first_run`. `.env.example` describes every name that can stand here.\n"
SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "TOKEN_ENCRYPTION_KEYS": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "INTERNAL_JOB_TOKEN": lambda: secrets.token_urlsafe(32),
}


def make_secrets(path: Path) -> list[str]:
    """Adds to the file whichever secrets it lacks, and answers their names. A value that is there stays."""
    # Locked: two services starting at once must end with one and the same file.
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # The mode above is for a new file only; a person's own, or a copy of the example, is readable by all.
        os.fchmod(file.fileno(), 0o600)
        found = file.read()
        missing = [name for name in SECRETS if not has_value(found, name)]
        lines = [f"{name}={SECRETS[name]()}\n" for name in missing]
        if lines:
            before = HEADER if not found else "" if found.endswith("\n") else "\n"
            file.write(before + "".join(lines))
    return missing


def has_value(text: str, name: str) -> bool:
    """Whether a `.env` sets the name to anything. (Of two lines the last one counts, so an empty one is no harm.)"""
    return re.search(rf"""(?m)^(?:export[ \t]+)?{name}=[ \t]*["']?[^\s"']""", text) is not None


def main(path: Path) -> None:
    (path.parent / "var").mkdir(mode=0o700, exist_ok=True)
    made = make_secrets(path)
    sys.stdout.write(f"Made in {path}: {', '.join(made)}\n" if made else f"{path} has its secrets already.\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / ".env"))
