"""One life of the worker's processes: a process group of one main process a queue, and whatever those forked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

from playlists import worker
from playlists.worker import End


class Group:
    """Started by the constructor. The program is the one that runs already, `sys.argv[0]`."""

    def __init__(self, name: str, workers: Mapping[str, int]) -> None:
        self.mains: dict[str, subprocess.Popen[bytes]] = {}
        self.pid = 0  # the first main process makes the group; no session, for the second could not join that
        for queue in worker.QUEUES:
            self.mains[queue] = subprocess.Popen(  # noqa: S603
                [sys.executable, sys.argv[0], "runworker", "--queue", queue, "--skip-checks"],
                process_group=self.pid,
                env=os.environ | _environment(name, queue, workers),
            )
            self.pid = self.pid or self.mains[queue].pid

    def end(self) -> str:
        """The queue whose main process has ended, and why; nothing while all are there."""
        for queue, main in self.mains.items():
            if main.poll() is not None:
                return f"{queue}: {_reason(main.returncode)}"
        return ""

    def ask_to_stop(self) -> None:
        for main in self.mains.values():
            main.terminate()

    def stopped(self) -> bool:
        return all(main.poll() is not None for main in self.mains.values())

    def clean(self) -> bool:
        """Whether all came to an orderly end, or had not yet begun."""
        return all(main.returncode in (0, -signal.SIGTERM) for main in self.mains.values())

    def kill(self) -> None:
        """Kills whoever is left and returns when nobody is: also what was forked meanwhile is ours to wait for."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        for main in self.mains.values():
            main.wait()
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-self.pid, 0)


def _environment(name: str, queue: str, workers: Mapping[str, int]) -> dict[str, str]:
    counts = {"WORKERS": workers[worker.NIGHT], "MANUAL_WORKERS": workers[worker.MANUAL]}
    return {worker.GROUP: name, worker.QUEUE: queue, **{setting: str(count) for setting, count in counts.items()}}


def _reason(code: int) -> str:
    if code < 0:
        return f"main killed by signal {-code}"
    return End(code).name.lower().replace("_", " ") if code in set(End) else f"ended with {code}"
