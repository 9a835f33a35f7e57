"""Lives of `runbot` with one more command, /count; each ends by SIGKILL at a moment it is told, or by itself.

mortal_bot.py '[{"at": 3}, {"after": 0.2}, {"at": 70, "polls": True}, {}]' prints their exit codes. at: the third
labelled point; after: so many seconds after the first of them; polls: not `--once`, so that nothing but the kill ends
it. A life is forked from here, so that starting it takes no time.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import threading

import django

from vibe import crash

Death = dict[str, float]


def mortal(death: Death) -> None:
    """From here on this process may die at every labelled point."""
    points = itertools.count(1)

    def here(_label: str) -> None:
        point = next(points)
        if point == death.get("at"):
            die()
        if point == 1 and "after" in death:
            timer = threading.Timer(death["after"], die)
            timer.daemon = True
            timer.start()

    crash.here = here


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def enter_count() -> None:
    from botapp.turn import Turn, command

    @command("count")
    def count(turn: Turn) -> None:
        """What is not the same when done twice."""
        turn.user.playlist_size = (turn.user.playlist_size or 0) + 1
        turn.user.save(update_fields=["playlist_size"])
        crash.here("count_saved")
        turn.say("error", update=turn.update_id)
        crash.here("count_said")


def lived(death: Death) -> int:
    """The exit code; -9 for one that was killed."""
    from django.core.management import call_command

    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        mortal(death)
        call_command("runbot", once=not death.get("polls"))
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibe.settings")
    django.setup()
    from botapp import loop  # noqa: F401  (what takes long is imported once, by the parent of all)

    enter_count()
    print(json.dumps([lived(death) for death in json.loads(sys.argv[1])]))  # noqa: T201
