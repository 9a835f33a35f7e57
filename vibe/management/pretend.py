"""An installation beside the operator's own, whose outside world is the sandbox: for `demo` and for `run`."""

from __future__ import annotations

import os
import random
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from vibe import first_run

INSIDE = "DAILY_VIBE_DEMO"  # set in the environment of such a process
URLS = {
    "SPOTIFY_API_URL": "/v1/",
    "SPOTIFY_ACCOUNTS_URL": "",
    "SPOTIFY_IMAGES_URL": "",
    "LASTFM_API_URL": "/2.0/",
    "LISTENBRAINZ_API_URL": "",
    "LISTENBRAINZ_LABS_URL": "",
    "MUSICBRAINZ_API_URL": "",
    "DEEZER_API_URL": "/deezer",
    "RECCOBEATS_API_URL": "/reccobeats",
    "TELEGRAM_API_URL": "",
}


def become(name: str, sandbox: str, public: str, own: Mapping[str, str]) -> None:
    """Replaces this process by one that no setting of the operator's reaches; files go to var/<name>.

    `sandbox` and `public`: the addresses of the stand-ins and of our own web server. `own`: further settings.
    """
    base = settings.BASE_DIR / "var" / name
    base.mkdir(parents=True, exist_ok=True)
    forget_dead(base)
    first_run.make_secrets(base / ".env")
    example = (settings.BASE_DIR / ".env.example").read_text(encoding="utf-8")
    names = re.findall(r"^#?\s*([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment |= {name: sandbox + path for name, path in URLS.items()}
    environment |= {
        INSIDE: "1",
        "ENV_FILE": str(base / ".env"),
        "DB_PATH": str(base / f"db-{os.getpid()}.sqlite3"),  # several may run side by side
        "LOG_LEVEL": "WARNING",
        "PUBLIC_URL": public,
        "SPOTIFY_REDIRECT_URI": f"{public}/auth/spotify/callback",
        "SPOTIFY_CLIENT_ID": "demo",
        "SPOTIFY_CLIENT_SECRET": "demo",
        "LASTFM_API_KEY": "demo",
        "SPOTIFY_CALL_GAP_MS": "0",
        "LASTFM_CALL_GAP_MS": "0",
        "LISTENBRAINZ_CALL_GAP_MS": "0",
        "MUSICBRAINZ_CALL_GAP_MS": "0",
        "DEEZER_CALL_GAP_MS": "0",
        "RECCOBEATS_CALL_GAP_MS": "0",
        "TELEGRAM_CALL_GAP_MS": "0",
        **own,
    }
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)  # noqa: S606  this very program


def forget_dead(base: Path) -> None:
    """Databases of processes that were killed."""
    for leftover in base.glob("db-*.sqlite3*"):
        if not Path(f"/proc/{leftover.name.split('.')[0].removeprefix('db-')}").exists():
            leftover.unlink(missing_ok=True)


def forget_database() -> None:
    """This process's own."""
    database = Path(settings.DATABASES["default"]["NAME"])
    for leftover in database.parent.glob(f"{database.name}*"):
        leftover.unlink(missing_ok=True)


# Below those that systems give to calls that go out: one of these was taken before the server had begun to listen.
QUIET = range(20_000, 32_000)


def port(wished: int = 0) -> int:
    """The wished port of 127.0.0.1, or any other where that is taken (or 0)."""
    for candidate in (*([wished] if wished else ()), *random.sample(QUIET, 20)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port of 127.0.0.1 is free")
