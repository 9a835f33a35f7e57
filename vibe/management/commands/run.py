"""`manage.py run`: everything with one command; with pretend services where no account is configured."""

from __future__ import annotations

import os
import secrets
import shlex
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from honcho import manager

from accounts.models import User
from vibe.management import pretend

STARTS_WITHIN = 60.0  # seconds
GRACE = 70  # seconds; a worker ends what is in hand, honcho's own 5 s would kill it
TOKEN = "1000000001:pretend-pretend-pretend-pretend-pre"  # noqa: S105  the pretend Telegram takes any


class Command(BaseCommand):
    help = "Runs web, bot and worker until Ctrl-C; with pretend services where no account is configured."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pretend", action="store_true", help="with pretend services, whatever is configured")
        parser.add_argument("--world", help="a world file for the pretend services (.json or .json.gz)")

    def handle(self, **options: Any) -> None:
        inside = pretend.INSIDE in os.environ
        configured = settings.SPOTIFY_CLIENT_ID or settings.TELEGRAM_BOT_TOKEN
        if not inside and (options["pretend"] or not configured):
            become_pretend()
        self._refuse_wrong_settings()
        call_command("migrate", verbosity=0)
        login = made_login()
        connection.close()
        if settings.TELEGRAM_BOT_TOKEN and settings.TELEGRAM_MODE == "webhook":
            # It only tells Telegram where the web server is, and ends; here it would end all the others.
            call_command("runbot")
        try:
            self._run(commands(options["world"]), login)
        finally:
            if inside:
                pretend.forget_database()

    def _refuse_wrong_settings(self) -> None:
        for wrong in run_checks():
            if wrong.is_serious():
                raise CommandError(f"{wrong.msg} {wrong.hint}", returncode=2)

    def _run(self, processes: dict[str, str], login: str) -> None:
        manager.KILL_WAIT = GRACE
        group = manager.Manager()  # type: ignore[no-untyped-call]
        for name, command in processes.items():
            where = {"cwd": str(settings.BASE_DIR), "env": dict(os.environ)}
            group.add_process(name, f"exec {command}", **where)  # type: ignore[no-untyped-call]
        threading.Thread(target=self._announce, args=(processes, login), daemon=True).start()
        group.loop()  # type: ignore[no-untyped-call]
        # Ctrl-C is how it is meant to end.
        sys.exit(0 if group.returncode in (130, 143) else group.returncode)

    def _announce(self, processes: dict[str, str], login: str) -> None:
        needed = {"web": f"{web()}/health", "sandbox": f"{sandbox()}/_sandbox/listeners"}
        silent = [name for name in needed if name in processes and not answers_in_time(needed[name])]
        told = [f"No answer from {name}: its lines above say why." for name in silent] or lines(processes, login)
        self.stdout.write("\n".join(["", *told, ""]))
        self.stdout.flush()


def become_pretend() -> None:
    stand_ins = f"http://127.0.0.1:{pretend.port(8090)}"
    own = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_LINK_URL": f"{stand_ins}/", "BOT_OPEN": "1"}
    own["SPOTIFY_DAILY_CALLS"] = "0"  # the pretend Spotify has no such limit
    pretend.become("run", stand_ins, f"http://127.0.0.1:{pretend.port(8000)}", own)


def commands(world: str | None = None) -> dict[str, str]:
    """The processes by name, as a shell starts them."""
    python = shlex.quote(sys.executable)
    processes = {
        "web": f"{python} -m gunicorn vibe.wsgi --workers 2 --log-level warning --bind {urlsplit(web()).netloc}",
        "worker": f"{python} manage.py runworker",
    }
    if settings.TELEGRAM_BOT_TOKEN and settings.TELEGRAM_MODE == "polling":
        processes["bot"] = f"{python} manage.py runbot"
    if pretend.INSIDE in os.environ:
        more = f" --world {shlex.quote(world)}" if world else ""
        processes["sandbox"] = f"{python} manage.py sandbox --port {urlsplit(sandbox()).port}{more}"
    return processes


def lines(processes: dict[str, str], login: str) -> list[str]:
    """What a person needs to know, and one address to begin with."""
    admin = f"Admin  {settings.PUBLIC_URL}/admin/" + (f"  {login}" if login else "  (its login was made earlier)")
    stop = "Stop   Ctrl-C"
    if "sandbox" in processes:
        first = "Daily Vibe runs with pretend services: no account is needed, and nothing leaves this machine."
        return [first, f"Open   {sandbox()}/chat", admin, stop]
    bot = [] if settings.TELEGRAM_BOT_TOKEN else ["No bot: TELEGRAM_BOT_TOKEN is empty. @BotFather makes one."]
    return ["Daily Vibe runs. Write to your bot in Telegram.", admin, *bot, stop]


def made_login() -> str:
    """Makes the first login for the admin and answers it, this once; "" where there is one."""
    if User.objects.filter(is_superuser=True).exists():
        return ""
    password = secrets.token_urlsafe(9)
    User.objects.create_superuser("admin", password=password)
    return f"user admin, password {password}"


def web() -> str:
    """Where our own web server listens: on this machine, whatever stands before it."""
    public = urlsplit(settings.PUBLIC_URL)
    local = public.hostname in ("127.0.0.1", "localhost") and public.port
    return f"http://127.0.0.1:{public.port if local else 8000}"


def sandbox() -> str:
    return str(settings.TELEGRAM_API_URL)


def answers_in_time(address: str) -> bool:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        try:
            if requests.get(address, timeout=2).ok:
                return True
        except requests.RequestException:
            pass  # not there yet
        time.sleep(0.2)
    return False
