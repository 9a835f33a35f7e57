"""A run's account of itself: the steps as they happen, and the report that stays."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from playlists.models import PlaylistRun
from recommendations.recommend import Progress
from vibe.clients import limiter
from vibe.clients.errors import ServiceError
from vibe.clients.meter import Meter
from vibe.clients.types import Clock

logger = logging.getLogger(__name__)
TICK = 2.0  # seconds
DEADLINE = 360.0  # seconds; the queue's own limit is a kill, and must never be what ends a run
SHOWN = ("asked", "answered", "found", "resolved", "picked", "supported")


class Journal:
    """The one `progress` of a run: renews its lease, times the step before, shares blocks, tells the onlooker."""

    def __init__(self, run: PlaylistRun, clock: Clock, meter: Meter, progress: Progress) -> None:
        self.run, self.clock, self.meter, self.progress = run, clock, meter, progress
        # A plan that waits to be published keeps the account of how it was made.
        self.report: dict[str, Any] = dict(run.report) if run.plan else {}
        self.ms: Counter[str] = Counter()
        self.step, self.since = "", meter.monotonic()
        meter.idle = self.tick  # a run that waits its turn at the limiter lives
        self.begun, self.blocks, self.ticked = self.since, len(meter.blocks), self.since

    def __call__(self, step: str, **counts: object) -> None:
        """Raises `LostLease` where the run is no longer ours, and ServiceError `too_slow`."""
        self.close()
        self.step = step
        self.share()
        self.progress(step, **counts)

    def tick(self) -> None:
        """Progress within a step: renews the lease and shares blocks, at most every two seconds. Main thread only."""
        if len(self.meter.blocks) > self.blocks or self.meter.monotonic() - self.ticked > TICK:
            self.share()

    def share(self) -> None:
        limiter.store(self.meter)
        limiter.load(self.meter)
        # With the calls made so far: they are no longer among those that other plans keep back for this run.
        self.run.advance(self.clock(), stage=self.step, report=self.summary())
        if self.meter.monotonic() - self.begun > DEADLINE:
            raise ServiceError("spotify", "too_slow")
        self.blocks, self.ticked = len(self.meter.blocks), self.meter.monotonic()

    def finish(self, **counts: object) -> None:
        """The last word, after the run is no longer running."""
        self.close()
        self.step = ""
        self.progress("done", **counts)

    def close(self) -> None:
        now = self.meter.monotonic()
        if self.step:
            self.ms[self.step] += round((now - self.since) * 1000)
        self.since = now

    def summary(self) -> dict[str, Any]:
        """What the run row keeps: sources, library, calls by service and family, milliseconds by step."""
        self.close()
        calls = {f"{service}/{family}": count for (service, family), count in sorted(self.meter.calls.items())}
        return {**self.report, "calls": calls, "ms": dict(self.ms)}

    def log(self) -> None:
        """One structured line: how the run ended, and for each source what it was asked, gave and cost."""
        run = self.run
        ended = {"run": run.pk, "status": run.status, "error": run.error_code, "tracks": run.total, "new": run.new}
        sources = {source["source"]: _told(source) for source in self.report.get("sources", ())}
        logger.info("run ended", extra={**ended, **sources, "ms": sum(self.ms.values())})


def _told(source: dict[str, Any]) -> str:
    """`asked=20 answered=20 …`, or why it was not asked."""
    if source["state"] != "asked":
        return str(source["state"])
    errors = ",".join(f"{code}:{count}" for code, count in source["errors"].items()) or "none"
    return " ".join([*(f"{name}={source[name]}" for name in SHOWN), f"errors={errors}", f"ms={source['ms']}"])
