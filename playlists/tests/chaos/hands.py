"""A real `runworker` on a field, and what /proc knows of its processes (Linux)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from playlists.tests.chaos.field import Field
from vibe.tests.sandbox_process import ROOT

LAUNCHER = "playlists/tests/chaos/launcher.py"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
MARK = "CHAOS_MARK"  # every process of a group inherits it, and keeps it when its parent is gone


class Hands:
    """`runworker` with these options, from the constructor until `stop`; a launcher may change its clocks."""

    def __init__(self, field: Field, *options: str, launcher: str = LAUNCHER, **environment: str) -> None:
        self.mark = uuid4().hex
        self.log = field.folder / f"hands-{self.mark}.log"
        self._marked = f"{MARK}={self.mark}".encode()
        self._command = [sys.executable, str(ROOT / launcher), "runworker", *options]
        self._environment = os.environ | field.environment | environment | {MARK: self.mark, "PYTHONPATH": str(ROOT)}
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self, seconds: float = 60.0) -> int | None:
        """Asks it to stop; its exit code, None where it had to be killed with all its children."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(seconds)
        self.kill()
        return None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for pid in self.members():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def members(self) -> dict[int, str]:
        """All its living processes by id with their names, whoever their parent is now."""
        return {pid: name for pid in _pids() if self._is_ours(pid) and (name := _name(pid))}

    def named(self, name: str) -> list[int]:
        return sorted(pid for pid, known in self.members().items() if known == name)

    def is_complete(self, queues: tuple[str, ...] = ("manual", "night")) -> bool:
        parts = ("main", "sentinel", "worker", "pusher", "monitor")
        names = set(self.members().values())
        return {f"{queue}-{part}" for queue in queues for part in parts} <= names

    def seconds(self) -> float:
        """Processor seconds of all that live, and of those that they have buried."""
        return sum(spent(pid) for pid in self.members())

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _is_ours(self, pid: int) -> bool:
        try:
            return self._marked in Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False


def spent(pid: int) -> float:
    """Processor seconds of a process and of its children that have ended; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def resident(pid: int) -> int:
    """Bytes; shared pages count in every process that has them."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0


def handles(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def until(condition: Callable[[], object], seconds: float, pause: float = 0.05) -> float | None:
    """After how many seconds it came true; None where it did not."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            return None
        time.sleep(pause)
    return time.monotonic() - begun


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _name(pid: int) -> str:
    """As `ps -o comm` shows it; empty for one that has ended and waits to be buried."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    before, _, after = stat.rpartition(")")
    return "" if after.split()[0] in "ZX" else before.partition("(")[2]
