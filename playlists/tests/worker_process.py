"""`manage.py runworker` as a real process, and the processes it is made of. Linux only: it reads /proc.

with WorkerProcess(environment_of_the_test_database()) as worker:
    worker.kill("night", "pusher")
    worker.wait_until_complete()
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple
from urllib.parse import urlsplit

from django.db import connection

from vibe.tests.sandbox_process import ROOT

MARK = "WORKER_PROCESS"  # an environment variable, which every process of a worker inherits
PATIENCE = 60.0  # seconds


class Member(NamedTuple):
    """queue: "manual" or "night", "" for the supervisor. role: "" while its program is still starting."""

    pid: int
    queue: str
    role: str


class WorkerProcess:
    """Started by the constructor. program: the script and its leading options, `manage.py` unless told."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *options: str,
        workers: int = 2,
        manual_workers: int = 1,
        program: Sequence[str] = (str(ROOT / "manage.py"),),
    ) -> None:
        self.counts = {"night": workers, "manual": manual_workers}
        self._mark = uuid.uuid4().hex
        self._log = tempfile.NamedTemporaryFile(suffix=".log")  # noqa: SIM115
        numbers = ["--workers", str(workers), "--manual-workers", str(manual_workers)]
        self.process = subprocess.Popen(
            [sys.executable, *program, "runworker", *numbers, *options],
            env={**environment, MARK: self._mark},
            cwd=ROOT,
            stdout=self._log,
            stderr=self._log,
        )

    @property
    def log(self) -> str:
        return Path(self._log.name).read_text(encoding="utf-8")

    def processes(self) -> list[Member]:
        """All that live, of this and of earlier groups."""
        pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
        return [self._member(pid) for pid in pids if _is_marked(pid, f"{MARK}={self._mark}")]

    def pids(self, queue: str, role: str) -> list[int]:
        """role: main, sentinel, worker, monitor or pusher; the supervisor is `process`."""
        return [member.pid for member in self.processes() if (member.queue, member.role) == (queue, role)]

    def alive(self, pids: Sequence[int]) -> set[int]:
        """Those of them that still live."""
        return set(pids) & {member.pid for member in self.processes()}

    def is_complete(self) -> bool:
        once = ("main", "sentinel", "monitor", "pusher")
        wanted = Counter({(queue, role): 1 for queue in self.counts for role in once})
        wanted += Counter({(queue, "worker"): count for queue, count in self.counts.items()})
        return Counter((queue, role) for _pid, queue, role in self.processes() if queue or not role) == wanted

    def wait_until_complete(self) -> None:
        """Every process is there, and none too many."""
        self.wait(self.is_complete)

    def kill(self, queue: str, role: str, number: signal.Signals = signal.SIGKILL) -> list[int]:
        """Kills one process; answers the ids of all those of its group, which must go too."""
        group = [member.pid for member in self.processes() if member.pid != self.process.pid]
        os.kill(self.pids(queue, role)[0], number)
        return group

    def stop(self, seconds: float = PATIENCE) -> int:
        """Asks it to end; its exit code."""
        self.process.terminate()
        return self.process.wait(seconds)

    def wait(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {seconds} s; the worker's log:\n{self.log}\n{self.processes()}")
            time.sleep(0.05)

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for member in self.processes():  # none, unless the very thing failed that is tested
            os.kill(member.pid, signal.SIGKILL)
        self._log.close()

    def _member(self, pid: int) -> Member:
        queue, _, role = _read(pid, "comm").strip().partition("-")
        if pid == self.process.pid:
            return Member(pid, "", "supervisor")
        return Member(pid, queue, role) if queue in self.counts else Member(pid, "", "")


def environment_of_the_test_database() -> dict[str, str]:
    """For a process that is to see what a test with `django_db(transaction=True)` has written."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return {**os.environ, "DATABASE_URL": "", "DB_PATH": name}
    return {**os.environ, "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()}


def _is_marked(pid: int, variable: str) -> bool:
    return variable in _read(pid, "environ").split("\0")


def _read(pid: int, name: str) -> str:
    """Nothing of a process that has ended meanwhile, nor of one that only its parent's attention keeps."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except OSError:
        return ""
