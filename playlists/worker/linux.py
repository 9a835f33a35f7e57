"""How no process outlives its parent, https://man7.org/linux/man-pages/man2/prctl.2.html; does nothing elsewhere."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PDEATHSIG, NAME, CHILD_SUBREAPER = 1, 15, 36


def die_with(parent: int) -> None:
    """Has this process killed when `parent`, which started it, ends; ends it if that has happened already."""
    _prctl(PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Makes what a dead child leaves behind this process's own children, which it can wait for."""
    _prctl(CHILD_SUBREAPER, 1)


def name(title: str) -> None:
    """What `ps -o comm` shows; 15 letters at most."""
    _prctl(NAME, title.encode())


def _prctl(option: int, value: int | bytes) -> None:
    if sys.platform == "linux":
        argument = ctypes.c_char_p(value) if isinstance(value, bytes) else ctypes.c_ulong(value)
        ctypes.CDLL(None).prctl(option, argument, 0, 0, 0)
