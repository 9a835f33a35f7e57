"""What runs inside a child: it dies or freezes at a labelled point of the job, with shortened clocks.

`python -m playlists.tests.chaos.launcher COMMAND ...` does the same to a whole management command: CHAOS_AT names the
point, CHAOS_NTH its how-manieth passing (1), CHAOS_SIGNAL the signal (KILL), CHAOS_LEASE the lease in seconds,
CHAOS_RING after how many seconds a ring that was lost is repeated.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

OURS = ("vibe.", "accounts.", "recommendations.", "playlists.", "botapp.")
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


@dataclass(frozen=True)
class Order:
    """What a child is to do. `task`: `module:function`, called with `args`."""

    task: str
    args: tuple[Any, ...] = ()
    at: str = ""  # the label at which it sends itself the signal; "" never
    nth: int = 1  # at which passing; 0: at every one
    signal: int = signal.SIGKILL
    lease: float = 0.0  # seconds instead of the real leases; 0 leaves them
    ring: float = 0.0  # seconds until a ring that was lost is repeated; 0 leaves it
    hasty: bool = False  # hardly a pause before a repeat, inside a run and between its attempts
    timeout: float = 0.0  # seconds instead of the real time-out of a call
    begin: float = 0.0  # time.time() at which all of a crowd start together
    log: str = os.devnull


def child(order: Order) -> None:
    """Carries out the order, with everything it prints and logs in a file of its own."""
    _die_with_parent()
    _write_to(order.log)
    shorten(order)
    arm(order.at, order.nth, order.signal)
    module, _, name = order.task.partition(":")
    act = getattr(import_module(module), name)
    time.sleep(max(0.0, order.begin - time.time()))
    act(*order.args)


def arm(at: str, nth: int, number: int) -> None:
    """Replaces `vibe.crash.here`: at the n-th passing of the label this process sends itself the signal."""
    from vibe import crash

    crash.here = bomb(at, nth, number)  # type: ignore[assignment]


def bomb(at: str, nth: int, number: int) -> Callable[[str], None]:
    passed = 0

    def here(label: str) -> None:
        nonlocal passed
        if label != at:
            return
        passed += 1
        if nth in (0, passed):
            os.kill(os.getpid(), number)

    return here


def shorten(order: Order) -> None:
    """The clocks of the job, so that what takes minutes in life takes seconds here; the order of things stays."""
    if order.lease:
        put("playlists.states", "LEASE", timedelta(seconds=order.lease))
        put("accounts.outbox", "LEASE", timedelta(seconds=order.lease))
        put("playlists.journal", "TICK", order.lease / 6)
        put("playlists.querysets", "APART", timedelta(0))
    if order.ring:
        put("playlists.querysets", "RING_AGAIN", timedelta(seconds=order.ring))
    if order.timeout:
        put("vibe.clients.http", "TIMEOUT", (order.timeout, order.timeout))
    if order.hasty:
        put("vibe.clients.http", "BACKOFF", (0.02, 0.05))
        put("playlists.publish", "LOOK_AGAIN", (0.0, 0.3, 0.6))
        put("playlists.ends", "BACKOFF", (timedelta(seconds=0.5),) * 4)
        put("accounts.outbox", "BACKOFF", (timedelta(seconds=0.5),) * 7)


def put(module: str, name: str, value: object) -> None:
    """Sets a constant where it is defined and wherever it was imported by name."""
    old = getattr(import_module(module), name)
    for other in list(sys.modules.values()):
        if other.__name__.startswith(OURS) and vars(other).get(name) is old:
            setattr(other, name, value)


def _die_with_parent() -> None:
    with suppress(AttributeError, OSError):  # not everywhere; then a harness that is killed leaves its children
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def _write_to(path: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(file, descriptor)


def main() -> None:
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    values = os.environ
    shorten(Order("", lease=float(values.get("CHAOS_LEASE", 0)), ring=float(values.get("CHAOS_RING", 0))))
    number = signal.Signals[f"SIG{values.get('CHAOS_SIGNAL', 'KILL')}"]
    arm(values.get("CHAOS_AT", ""), int(values.get("CHAOS_NTH", 1)), number)
    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
