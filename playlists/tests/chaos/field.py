"""A field to play on: a database of its own, a sandbox, linked listeners, and children that may be killed.

One process has one field: Django's settings are read once.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
from cryptography.fernet import Fernet

from playlists.tests.chaos.launcher import Order, child
from vibe.sandbox.synthetic import build
from vibe.tests.databases import migrated
from vibe.tests.sandbox_process import CLIENT, ROOT, Sandbox

if TYPE_CHECKING:
    from accounts.models import SpotifyAccount, User

DATABASES = ("sqlite", "postgresql")
LISTENERS = 24
LEASE = 2.0  # seconds, in the children
CHILDS_END = 120.0  # seconds after which a child that does not end is a failure of the check


@dataclass
class Child:
    """A process of the field, and the file with all that it printed and logged."""

    process: ForkServerProcess
    log: Path

    def join(self, seconds: float = CHILDS_END) -> int | None:
        """Its exit code, -9 after a kill; None where it still runs."""
        self.process.join(seconds)
        return self.process.exitcode

    def wait_stopped(self, seconds: float = CHILDS_END) -> bool:
        """Whether it has frozen; False where it ended instead."""
        give_up = time.monotonic() + seconds
        while self.process.exitcode is None and time.monotonic() < give_up:
            if _state(self.process.pid) == "T":
                return True
            time.sleep(0.02)
        return False

    def send(self, number: int) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, number)

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    @property
    def last_words(self) -> str:
        """The last line it printed or logged."""
        return (self.said.strip().splitlines() or [""])[-1]

    @property
    def tracebacks(self) -> int:
        return self.said.count("Traceback (most recent call last)")


def _state(pid: int | None) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


@dataclass
class Field:
    """`environment`: what a program started by hand needs to play on this field too."""

    database: str
    sandbox: Sandbox
    folder: Path
    environment: dict[str, str]
    children: list[Child] = field(default_factory=list)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    people: int = 0

    def user(self, **columns: Any) -> User:
        """One more linked user, with a chat; the world's listeners take turns behind them."""
        from accounts.models import SpotifyAccount, User

        self.people += 1
        name = f"person{self.people}"
        user = User.objects.create_user(name, **{"telegram_chat_id": 1_000 + self.people, **columns})
        account = SpotifyAccount(user=user, account_id=name, pending=False)
        account.spotify_user_id = f"listener{self.people % LISTENERS + 1:02}"
        self.link(account)
        return user

    def link(self, account: SpotifyAccount) -> None:
        """A consent that is good, as after a sign-in."""
        from accounts.encryption import seal

        listener = account.spotify_user_id
        if listener not in self.tokens:
            self.tokens[listener] = self.sandbox.token_for(listener)
        owner = f"{account.user_id}/{account.account_id}"
        account.access_token_sealed = seal(f"{owner}/access", self.tokens[listener]["access_token"])
        account.refresh_token_sealed = seal(f"{owner}/refresh", self.tokens[listener]["refresh_token"])
        account.expires_at = self.now() + timedelta(minutes=50)
        account.authorized_at = self.now()
        account.needs_reconnect = False
        account.save()

    def start(self, order: Order) -> Child:
        """A forked child that carries out the order; it has its leases shortened to LEASE unless the order says how."""
        number = len(self.children) + 1
        log = self.folder / f"child{number}.log"
        process = _context().Process(target=child, args=(replace(order, lease=order.lease or LEASE, log=str(log)),))
        process.start()
        started = Child(process, log)
        self.children.append(started)
        return started

    def close(self) -> None:
        """Nothing that was started here outlives the field, frozen or not."""
        for one in self.children:
            one.process.kill()
            one.process.join()

    def now(self) -> datetime:
        from django.utils import timezone

        return timezone.now()


def _context() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["playlists.tests.chaos.ready"])
    return context


@contextmanager
def played_on(database: str) -> Iterator[Field]:
    """The field of this process: its settings are put into the environment before Django reads them."""
    with tempfile.TemporaryDirectory() as name, Sandbox(build(artists=200, likes=25, listeners=LISTENERS)) as sandbox:
        folder = Path(name)
        with database_for(database, folder) as place:
            environment = {**SETTINGS, **place, **sandbox.environment}
            os.environ |= environment
            django.setup()
            from django.core.management import call_command
            from django.db import connections

            call_command("migrate", verbosity=0)
            ground = Field(database, sandbox, folder, environment)
            try:
                yield ground
            finally:
                ground.close()
                connections.close_all()


SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "vibe.settings",
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "only-for-the-harness-0123456789-0123456789-0123456789",
    "INTERNAL_JOB_TOKEN": "only-for-the-harness-0123456789-0123456789-0123456789",
    "TOKEN_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "SPOTIFY_CLIENT_ID": CLIENT[0],
    "SPOTIFY_CLIENT_SECRET": CLIENT[1],
    "LASTFM_API_KEY": "chaos",
    "TELEGRAM_BOT_TOKEN": "1:chaos",
    "LOG_LEVEL": "WARNING",
    "DEFAULT_PLAYLIST_SIZE": "5",
    "SPOTIFY_CALL_GAP_MS": "0",
    "LASTFM_CALL_GAP_MS": "0",
    "LISTENBRAINZ_CALL_GAP_MS": "0",
    "MUSICBRAINZ_CALL_GAP_MS": "0",
    "DEEZER_CALL_GAP_MS": "0",
    "RECCOBEATS_CALL_GAP_MS": "0",
    "TELEGRAM_CALL_GAP_MS": "0",
    "MANUAL_RUNS_A_DAY": "0",
    "SPOTIFY_DAILY_CALLS": "0",
}


@contextmanager
def database_for(database: str, folder: Path) -> Iterator[dict[str, str]]:
    """The environment that names an empty database, which is gone afterwards."""
    if database == "sqlite":
        path = folder / "chaos.sqlite3"
        if "TEST_TABLES" in os.environ:  # below pytest, which has made them
            migrated(path)
        yield {"DATABASE_URL": "", "DB_PATH": str(path)}
        return
    import psycopg

    server, name = server_url(), f"vibe_chaos_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield {"DATABASE_URL": f"{server.rpartition('/')[0]}/{name}", "DB_PATH": ""}
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def server_url() -> str:
    """The PostgreSQL server that .ci/postgres finds or starts; ends with its sentence where there is none."""
    found = subprocess.run(
        ["/usr/bin/env", "bash", ".ci/postgres"],
        cwd=ROOT,
        env=os.environ | {"PY": sys.executable},
        text=True,
        stdout=subprocess.PIPE,
    )
    if found.returncode:
        sys.exit(found.returncode)
    return found.stdout.strip()
