"""A run's account of itself: the steps as they happen, and the report that stays."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from playlists.models import PlaylistRun
from recommendations.recommend import Progress
from vibe.clients import limiter
from vibe.clients.http import Meter
from vibe.clients.types import Clock


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

    def line(self) -> str:
        """One structured line: what each source was asked, answered, and how long it took."""
        run = self.run
        sources = {
            s["source"]: {key: s[key] for key in ("asked", "answered", "found", "picked", "errors", "ms") if key in s}
            for s in self.report.get("sources", ())
            if s["state"] == "asked"
        }
        fields = {"run": run.pk, "status": run.status, "error": run.error_code, "tracks": run.total, "new": run.new}
        return json.dumps({"event": "run", **fields, "sources": sources, "ms": dict(self.ms)}, ensure_ascii=False)
