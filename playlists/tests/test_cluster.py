"""What the guard of a queue's processes does about one that has died."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from multiprocessing.process import BaseProcess

import pytest

from playlists.worker import End
from playlists.worker.cluster import Sentinel

REPLACED = 77


def killed() -> BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    process.start()
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    return process


def exit_code(sentinel: Sentinel, died: BaseProcess) -> int:
    """Of a process whose guard's loop finds the death, the signal of it having told nothing."""
    child = os.fork()
    if not child:
        try:
            sentinel.reincarnate(died)
        finally:
            os._exit(REPLACED)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(("role", "reason"), [("monitor", End.MONITOR_DIED), ("pusher", End.PUSHER_DIED)])
def test_one_that_was_killed_is_not_replaced_even_where_its_signal_got_lost(role, reason):
    sentinel = Sentinel.__new__(Sentinel)
    sentinel.pool, sentinel.monitor, sentinel.pusher = [], None, None
    died = killed()
    setattr(sentinel, role, died)
    assert exit_code(sentinel, died) == reason
