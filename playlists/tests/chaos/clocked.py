"""The launcher with another clock: CHAOS_CLOCK is `REAL FAKE SPEED`, both moments in seconds since 1970.

At the real moment it was the fake one, and time has gone so many times as fast since. Only the calendar changes:
sleeps, time-outs and the limiter's pace go by the monotonic clock, as always. Run as a script, so that a worker group,
which starts its processes with the program that it runs in, keeps it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

NAME = "CHAOS_CLOCK"


def clock(spec: str) -> Callable[[], datetime]:
    real, fake, speed = map(float, spec.split())

    def now() -> datetime:
        moment = datetime.now(UTC).timestamp()
        return datetime.fromtimestamp(fake + (moment - real) * speed, UTC)

    return now


def since(fake: datetime, speed: float = 1.0) -> dict[str, str]:
    """The environment of a process for which it is that moment now."""
    return {NAME: f"{datetime.now(UTC).timestamp()} {fake.timestamp()} {speed}"}


def turn(spec: str) -> None:
    """Before Django is set up: its models take the clock as their default."""
    from django.utils import timezone

    timezone.now = clock(spec)


if __name__ == "__main__":
    turn(os.environ[NAME])
    from playlists.tests.chaos import launcher

    launcher.main()
