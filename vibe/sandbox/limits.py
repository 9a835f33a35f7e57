"""Spotify's limits, where a sandbox is given some: calls in 30 s for the app, and quotas of a day by family."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

WINDOW = 30.0  # seconds
DAY = timedelta(hours=24)
EVERY, TOTAL = "*", "total"  # as names of families: each that is not named, and all of them together
T = TypeVar("T", float, datetime)


class Over(NamedTuple):
    """Why a call is refused, in Spotify's words, and in how many seconds there is room again."""

    message: str
    reason: str
    seconds: int


class Limits:
    """Rolling windows, as Spotify's are; a call that is refused does not count. Whoever touches it holds the lock."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.set(0, {})

    def set(self, rate: int, daily: dict[str, int]) -> None:
        """Begins to count anew. `rate`: calls in 30 s; `daily`: family -> calls in 24 h; 0 and a missing name: any."""
        self.rate, self.daily = rate, {name: most for name, most in daily.items() if most}
        self.answered, self.refused = 0, Counter[str]()
        self._lately: deque[float] = deque()
        self._today: dict[str, deque[datetime]] = {}

    def take(self, family: str, now: datetime, *, has_quota: bool) -> Over | None:
        """Counts a call, unless it is to be refused. The rate goes by real time, the quotas go by `now`."""
        moment = self._monotonic()
        _forget(self._lately, moment - WINDOW)
        if self.rate and len(self._lately) >= self.rate:
            self.refused["rate"] += 1
            return _over("API rate limit exceeded", "", self._lately[0] + WINDOW - moment)
        buckets = [self._bucket(name, now) for name in (family, TOTAL)] if has_quota else []
        for name, most, calls in buckets:
            if most and len(calls) >= most:
                self.refused[name] += 1
                return _over("Too many requests", "QUOTA_EXCEEDED", (calls[0] + DAY - now).total_seconds())
        for _name, most, calls in buckets:
            if most:
                calls.append(now)
        if self.rate:
            self._lately.append(moment)
        self.answered += 1
        return None

    def listed(self) -> dict[str, object]:
        return {"rate": self.rate, "daily": self.daily, "answered": self.answered, "refused": dict(self.refused)}

    def _bucket(self, name: str, now: datetime) -> tuple[str, int, deque[datetime]]:
        calls = self._today.setdefault(name, deque())
        _forget(calls, now - DAY)
        return name, self.daily.get(name, 0 if name == TOTAL else self.daily.get(EVERY, 0)), calls


def _forget(calls: deque[T], before: T) -> None:
    while calls and calls[0] <= before:
        calls.popleft()


def _over(message: str, reason: str, seconds: float) -> Over:
    return Over(message, reason, max(1, math.ceil(seconds)))
