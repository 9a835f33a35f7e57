"""Fifty simultaneous requests for one user through all doors: one run, and a polite answer to everybody else."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time as wall
from itertools import repeat
from queue import SimpleQueue

import requests
from django.db import connections
from django.utils import timezone

from accounts.models import User
from playlists import night
from playlists.models import PlaylistRun
from playlists.request import AlreadyRunning, order
from playlists.tests.chaos.field import SETTINGS, Field
from playlists.tests.chaos.launcher import Order
from playlists.tests.chaos.points import finish, quiet_troubles
from playlists.tests.chaos.verdict import Row
from vibe.tests.at_once import at_once
from vibe.tests.sandbox_process import ROOT

BOT, ENDPOINT, TICK, SHELL, FORKED_SHELL = 22, 14, 6, 3, 5
ALL = BOT + ENDPOINT + TICK + SHELL + FORKED_SHELL
START = 30.0  # seconds within which the web server has to answer
WARM_UP = 2.5  # seconds until a shell has read all its modules
MADE, POLITE = "made", "polite"


def doors(field: Field, short: bool) -> list[Row]:
    begun = time.monotonic()
    user = _due_user(field)
    field.sandbox.clear_faults()
    # So that whoever wins is still at it when the others ask.
    field.sandbox.fault("slow", path="/v1/me/tracks", seconds=2.0, times=None)
    with _web(field) as url:
        answers = _ask(field, user, url)
    field.sandbox.clear_faults()
    runs = list(PlaylistRun.objects.filter(user=user))
    troubles = [answer for answer in answers if answer not in (MADE, POLITE)]
    troubles += [] if len(runs) == 1 else [f"{len(runs)} runs"]
    troubles += [f"claimed {run.attempts} times" for run in runs if run.attempts > 1]
    troubles += [] if answers.count(MADE) <= 1 else [f"{answers.count(MADE)} doors say that they made it"]
    troubles += finish(field, runs)
    troubles += quiet_troubles({f"run {run.pk}": run for run in runs}, field, 0)
    told = Counter(answers)
    happened = (
        f"{len(answers)} requests (bot {BOT}, endpoint {ENDPOINT}, tick {TICK}, shell {SHELL + FORKED_SHELL}):"
        f" {len(runs)} run (by {', '.join(run.trigger for run in runs)}),"
        f" {told[POLITE] - (not told[MADE])} polite answers"
    )
    return [Row("50 requests for one user at once", happened, time.monotonic() - begun, troubles)]


def _due_user(field: Field) -> User:
    """Somebody for whom it is about noon, wherever that is now, and whose night is overdue."""
    offset = 12 - field.now().hour
    return field.user(timezone=f"Etc/GMT{-offset:+d}", nightly_at=wall(9, 0))


def _ask(field: Field, user: User, url: str) -> list[str]:
    """What each of the fifty got."""
    start = time.time() + WARM_UP
    words = ("generate", "--user", f"@{user.username}")
    task = "playlists.tests.chaos.acts:command"
    forked = [field.start(Order(task, words, begin=start)) for _ in range(FORKED_SHELL)]
    shells = [
        subprocess.Popen(
            [sys.executable, "manage.py", *words], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(SHELL)
    ]
    acts: SimpleQueue[Callable[[], str]] = SimpleQueue()
    for act in (
        *repeat(lambda: _bot(user), BOT),
        *repeat(lambda: _endpoint(url), ENDPOINT),
        *repeat(_tick, TICK),
    ):
        acts.put(act)
    time.sleep(max(0.0, start - time.time()))
    answers = at_once(acts.qsize(), lambda: _answer(acts.get()))
    answers += [_shell(child.join(), child.said) for child in forked]
    return answers + [_shell(shell.wait(120), shell.communicate()[0]) for shell in shells]


def _answer(act: Callable[[], str]) -> str:
    try:
        return act()
    except Exception as error:  # noqa: BLE001 - it is what the check is about
        return f"{type(error).__name__}: {error}"
    finally:
        connections.close_all()


def _bot(user: User) -> str:
    try:
        _run, ours = order(user, trigger="bot", now=timezone.now())
    except AlreadyRunning:
        return POLITE
    return MADE if ours else POLITE


def _tick() -> str:
    return MADE if night.enqueue_due(timezone.now())["queued"] else POLITE


def _endpoint(url: str) -> str:
    token = SETTINGS["INTERNAL_JOB_TOKEN"]
    answer = requests.post(f"{url}/internal/jobs/nightly", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    if answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0:
        return POLITE  # six a minute, and it says when to ask again
    if answer.status_code != 202:
        return f"the endpoint answered {answer.status_code}"
    return MADE if answer.json()["queued"] else POLITE


def _shell(code: int | None, said: str) -> str:
    """It shows the playlist, or says that another run is under way; whether it made the run, only the row knows."""
    if code in (0, 1) and "Traceback" not in said:
        return POLITE
    return f"a shell ended with {code}: {said[-200:]}"


@contextmanager
def _web(field: Field) -> Iterator[str]:
    """The web server of the installation, on a free port."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "vibe.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "8"]
    log = (field.folder / "web.log").open("ab")
    server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait_until_served(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def _wait_until_served(port: int) -> None:
    give_up = time.monotonic() + START
    while time.monotonic() < give_up:
        with socket.socket() as sock:
            if not sock.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    raise RuntimeError("the web server did not start")
