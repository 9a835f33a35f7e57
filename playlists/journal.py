"""A run's account of itself: the steps as they happen, and the report that stays."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from playlists.models import PlaylistRun
from recommendations.recommend import Progress
from vibe.clients import limiter
from vibe.clients.http import Meter
from vibe.clients.types import Clock

logger = logging.getLogger(__name__)
SHOWN = ("asked", "answered", "found", "resolved", "picked", "errors", "ms")


class Journal:
    """The one `progress` of a run: renews its lease, times the step before, shares blocks, tells the onlooker."""

    def __init__(self, run: PlaylistRun, clock: Clock, meter: Meter, progress: Progress) -> None:
        self.run, self.clock, self.meter, self.progress = run, clock, meter, progress
        self.report: dict[str, Any] = {}
        self.ms: Counter[str] = Counter()
        self.step, self.since = "", meter.monotonic()
        limiter.load(meter)

    def __call__(self, step: str, **counts: object) -> None:
        """Raises `LostLease` where the run is no longer ours."""
        self.close()
        self.step = step
        limiter.store(self.meter)
        limiter.load(self.meter)
        self.run.advance(self.clock(), stage=step)
        self.progress(step, **counts)

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
        sources = {s["source"]: " ".join(f"{name}={s[name]}" for name in SHOWN) for s in self.asked()}
        ended = {"run": run.pk, "status": run.status, "error": run.error_code, "tracks": run.total, "new": run.new}
        logger.info("run ended", extra={**ended, **sources, "ms": sum(self.ms.values())})

    def asked(self) -> list[dict[str, Any]]:
        return [source for source in self.report.get("sources", ()) if source["state"] == "asked"]
