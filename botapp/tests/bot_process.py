"""`manage.py runbot` as a real process, on the database of the test and against a sandbox."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, TypeVar

from playlists.tests.worker_process import environment_of_the_test_database
from vibe.tests.sandbox_process import ROOT, Sandbox

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw9"
PATIENCE = 30.0  # seconds
T = TypeVar("T")


def environment(sandbox: Sandbox, **more: str) -> dict[str, str]:
    """For a bot that is to see what a test with `django_db(transaction=True)` has written."""
    bot = {"TELEGRAM_BOT_TOKEN": TOKEN, "BOT_OPEN": "1", "TELEGRAM_CALL_GAP_MS": "0"}
    return environment_of_the_test_database() | bot | sandbox.environment | more


class BotProcess:
    """Started by the constructor; what it prints goes to `said`."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  (open as long as the process)
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "runbot", *arguments],
            cwd=ROOT,
            env=dict(environment),
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    @property
    def said(self) -> str:
        self._output.seek(0)
        return self._output.read()

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """The exit code, and the seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(PATIENCE), time.monotonic() - begun

    def code(self) -> int:
        """Once it has ended by itself."""
        return self.process.wait(PATIENCE)

    def is_polling(self, sandbox: Sandbox) -> bool:
        """Whether it has come to the long poll; raises where it has ended instead."""
        assert self.process.poll() is None, self.said
        return bool(calls(sandbox, "getUpdates"))

    def __enter__(self) -> BotProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._output.close()


def until(look: Callable[[], T]) -> T:
    """What `look` finds as soon as it finds something."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.02)
    return found


def answers(sandbox: Sandbox, chat: int) -> list[dict[str, Any]]:
    """What the bot said there."""
    return [row for row in sandbox.chat(chat) if row["direction"] == "bot"]


def calls(sandbox: Sandbox, method: str) -> list[dict[str, Any]]:
    return [call for call in sandbox.telegram_calls() if call["method"] == method]
