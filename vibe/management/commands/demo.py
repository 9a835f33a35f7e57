from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone
from rich.console import Console

from accounts.models import User
from accounts.spotify_auth import begin_link
from playlists import results, terminal
from playlists.generate import generate
from playlists.models import PlaylistRun
from vibe.clients.types import Clock
from vibe.logs import scrub
from vibe.management import pretend
from vibe.management.pretend_browser import sign_in

STARTS_WITHIN = 30.0  # seconds


class Command(BaseCommand):
    help = "A playlist for a pretend listener: sandbox, sign-in, generation, over real HTTP and with no account."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--world", help="a world file for the sandbox (.json or .json.gz)")
        parser.add_argument("--listener", help="id of the listener in that world; default: the first")
        parser.add_argument("--days", type=int, default=1, help="simulated days, one playlist each")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--keep", action="store_true", help="leave the pretend services running until Ctrl-C")
        parser.add_argument("--sandbox-url", help="use the sandbox at this address instead of starting one")

    def handle(self, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError("--days takes a whole number from 1.", returncode=2)
        if options["sandbox_url"] and not urlsplit(options["sandbox_url"]).netloc:
            raise CommandError("--sandbox-url takes an address like http://127.0.0.1:8090.", returncode=2)
        if pretend.INSIDE not in os.environ:
            become_demo(options["sandbox_url"])
        for ending in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, lambda number, _frame: sys.exit(128 + number))
        try:
            self.demonstrate(options)
        except KeyboardInterrupt:
            self.stderr.write("Stopped.")
            sys.exit(130)
        except requests.RequestException as error:
            raise CommandError(scrub(f"The pretend services did not play along: {error}")) from None

    def demonstrate(self, options: dict[str, Any]) -> None:
        for wrong in run_checks():
            if wrong.is_serious():
                raise CommandError(f"{wrong.msg} {wrong.hint}", returncode=2)
        # Control calls go to the sandbox itself: what stands between need not know them.
        self.sandbox = (options["sandbox_url"] or origin(settings.SPOTIFY_ACCOUNTS_URL)).rstrip("/")
        with ExitStack() as running:
            running.callback(pretend.forget_database)
            running.callback(connection.close)
            self.start_sandbox(options, running)
            listener = self.listener(options)
            call_command("migrate", verbosity=0)
            start_web(running)
            user = self.link(listener)
            runs = self.days(user, options)
            if options["json"]:
                self.stdout.write(
                    json.dumps({"runs": [results.as_json(run) for run in runs]}, ensure_ascii=False, indent=2)
                )
            if options["keep"]:
                told = self.stderr if options["json"] else self.stdout
                told.write(f"\nPretend Spotify: {self.sandbox}/  (Ctrl-C ends the demo)")
                self.stdout.flush()
                signal.pause()
        if not options["json"]:
            self.stdout.write(WHERE_NEXT)
        if any(run.status != PlaylistRun.Status.SUCCESS for run in runs):
            sys.exit(1)

    def start_sandbox(self, options: dict[str, Any], running: ExitStack) -> None:
        """A process of its own, unless one is there."""
        if options["sandbox_url"]:
            wait_for(f"{self.sandbox}/_sandbox/listeners")
        else:
            world = ["--world", options["world"]] if options["world"] else []
            command = [sys.executable, "-m", "vibe.sandbox", "--port", str(urlsplit(self.sandbox).port), *world]
            wait_for(f"{self.sandbox}/_sandbox/listeners", started(command, running))

    def listener(self, options: dict[str, Any]) -> str:
        known = listeners(self.sandbox)
        listener: str = options["listener"] or known[0]
        if listener not in known:
            raise CommandError(f"No listener {listener!r} in this world. There are: {', '.join(known)}.")
        return listener

    def link(self, listener: str) -> User:
        user = User.objects.create_user("demo")
        sign_in(begin_link(user, timezone.now()), listener)
        if user.spotify is None:
            raise CommandError("The sign-in at the sandbox did not lead to a linked account.")
        return user

    def days(self, user: User, options: dict[str, Any]) -> list[PlaylistRun]:
        console = Console(quiet=options["json"])
        first, runs = timezone.now(), []
        for day in range(options["days"]):
            now = first + timedelta(days=day)
            set_clock(self.sandbox, now)
            user.refresh_from_db()
            with terminal.watching(console) as progress:
                run = generate(user, trigger=PlaylistRun.Trigger.SHELL, clock=always(now), progress=progress)
            runs.append(run)
            if run.status == PlaylistRun.Status.SUCCESS:
                terminal.show(console, run)
            else:
                self.stderr.write(run.notes)
        return runs


WHERE_NEXT = """
That was the whole product, with pretend services, which have stopped now (the link above was theirs).
Where to look next:
  .venv/bin/python manage.py demo --keep   the same, left running: the playlist to look at in a browser
  make run                                 a chat with the bot in your browser, with pretend services too
  make setup                               the real thing (README, "Go live at home")
  docs/architecture.md                     how it works"""


def become_demo(sandbox_url: str | None) -> None:
    sandbox = (sandbox_url or f"http://127.0.0.1:{pretend.port()}").rstrip("/")
    own = {name: os.environ[name] for name in pretend.URLS if sandbox_url and name in os.environ}
    pretend.become("demo", sandbox, f"http://127.0.0.1:{pretend.port()}", own)


def always(now: datetime) -> Clock:
    return lambda: now


def start_web(running: ExitStack) -> None:
    """Our own web server, as a process of its own."""
    web = ["-m", "gunicorn", "vibe.wsgi", "--log-level", "error", "--bind", urlsplit(settings.PUBLIC_URL).netloc]
    wait_for(f"{settings.PUBLIC_URL}/health", started([sys.executable, *web], running))


def started(command: list[str], running: ExitStack) -> subprocess.Popen[bytes]:
    # A session of their own: Ctrl-C is for the demo, which then stops them.
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    running.callback(stop, process)
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()


def wait_for(url: str, process: subprocess.Popen[bytes] | None = None) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            pass  # not there yet
        time.sleep(0.1)
    raise CommandError(f"{url} does not answer.")


def origin(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


def listeners(sandbox: str) -> list[str]:
    answer = requests.get(f"{sandbox}/_sandbox/listeners", timeout=10).json()
    return [listener["id"] for listener in answer]


def set_clock(sandbox: str, now: datetime) -> None:
    answer = requests.post(f"{sandbox}/_sandbox/clock", json={"now": now.isoformat()}, timeout=10)
    answer.raise_for_status()
