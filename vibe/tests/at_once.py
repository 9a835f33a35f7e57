"""Many threads that do one thing at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_once(count: int, act: Callable[[], T]) -> list[T]:
    """The answers of `count` calls that all start together. Raises what the first of them raised."""
    gate = threading.Barrier(count)

    def through(_number: int) -> T:
        gate.wait(timeout=30)
        return act()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(through, range(count)))
