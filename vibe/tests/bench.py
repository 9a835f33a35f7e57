"""`make bench`: the figures of docs/performance.md, against the sandbox and on a scratch database of its own."""

from __future__ import annotations

import os
import platform
import random
import sys
import time
import tracemalloc
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from vibe.sandbox.synthetic import build
from vibe.tests.sandbox_process import Sandbox
from vibe.tests.scratch import START, link, scratch

if TYPE_CHECKING:
    from accounts.models import User
    from playlists.models import PlaylistRun

LATENCY = 100  # milliseconds a call
# Likes, similar artists, their top tracks, search, search again, create, add, read back: each needs the one before.
CRITICAL_PATH = 8


GAPS = {"SPOTIFY": 300, "LASTFM": 500, "LISTENBRAINZ": 400, "MUSICBRAINZ": 1100}  # milliseconds, as they are by default


def pace(share: int) -> None:
    """Calls as far apart as they are by default (1) or not apart at all (0)."""
    from django.conf import settings

    for service, gap in GAPS.items():
        setattr(settings, f"{service}_CALL_GAP_MS", gap * share)


def make(sandbox: Sandbox, user: User, now: datetime, **options: Any) -> PlaylistRun:
    from playlists.generate import generate

    sandbox.set_clock(now)
    begun = time.monotonic()
    # A clock that goes: permits for calls are booked by it.
    clock = lambda: now + timedelta(seconds=time.monotonic() - begun)  # noqa: E731
    run = generate(user, trigger="shell", clock=clock, **options)
    assert run.status == "success", run.notes
    return run


def row(name: str, run: PlaylistRun, most: int) -> str:
    """A line of the table; more than `most` Spotify calls end the benchmark."""
    calls = run.report["calls"]
    spotify = sum(count for key, count in calls.items() if key.startswith("spotify/"))
    if spotify > most:
        sys.exit(f"{name}: {spotify} Spotify calls, {most} are allowed")
    lastfm = sum(count for key, count in calls.items() if key.startswith("lastfm/"))
    wall = sum(run.report["ms"].values()) / 1000
    bound = 1.5 * (CRITICAL_PATH + sum(calls.values()) / 8) * LATENCY / 1000
    others = sum(calls.values()) - spotify - lastfm
    return f"| {name} | {spotify} | {lastfm} | {others} | {run.new} of {run.total} | {wall:.2f} | {bound:.2f} |"


def runs() -> Iterator[str]:
    from recommendations.library import sync_likes

    yield "| run | Spotify | Last.fm | ListenBrainz, MusicBrainz | new | seconds | 1.5 x (path + calls / 8 x latency) |"
    yield "|---|---|---|---|---|---|---|"
    with Sandbox(build(likes=500), latency=LATENCY) as sandbox:
        sandbox.set_clock(START)
        user = link(sandbox, "runner")
        pace(0)
        read_library(user, sync_likes)
        yield row("first day, cold", make(sandbox, user, START), 60)
        for day in range(1, 9):
            make(sandbox, user, START + timedelta(days=day))
        tenth = START + timedelta(days=9)
        yield row("tenth day", make(sandbox, user, tenth), 30)
        make(sandbox, user, tenth + timedelta(days=1), dry_run=True)
        yield row("every name known", make(sandbox, user, tenth + timedelta(days=1)), 15)
        pace(1)
        yield row("the day after, paced as by default", make(sandbox, user, tenth + timedelta(days=2)), 30)
        pace(0)


def read_library(user: User, sync_likes: Any) -> int:
    from accounts.tokens import client_for
    from vibe.clients.meter import Meter

    meter = Meter(lambda: START)
    account = user.spotify
    assert account is not None
    client = client_for(account, lambda: START, meter)
    sync_likes(account, client, START, pages=1_000)
    return sum(meter.calls.values())


def library() -> Iterator[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from recommendations.library import sync_likes

    yield "| likes | calls of the first reading | memory while reading, MB | queries of a run |"
    yield "|---|---|---|---|"
    queries = []
    for likes in (100, 1_000, 10_000):
        with Sandbox(build(likes=likes)) as sandbox:
            sandbox.set_clock(START)
            user = link(sandbox, f"reader{likes}")
            tracemalloc.start()
            calls = read_library(user, sync_likes)
            stays, peak = tracemalloc.get_traced_memory()  # what stays are the bounded caches of folded names
            tracemalloc.stop()
            with CaptureQueriesContext(connection) as captured:
                make(sandbox, user, START)
            queries.append(len(captured))
            yield f"| {likes:,} | {calls} | {(peak - stays) / 2**20:.1f} | {len(captured)} |"
    if calls > 200 or queries[-1] > queries[0]:
        sys.exit(f"{calls} calls for the first reading (200 are allowed), queries {queries}")


def middle() -> Iterator[str]:
    from recommendations.candidates import Listening
    from recommendations.dedupe import merge
    from recommendations.profile import build_profile
    from recommendations.ranking import rank
    from recommendations.selection import select
    from recommendations.tests.big import listening, words

    heard: Listening = listening()
    found = words(5_000)
    profile = build_profile(heard, (), {}, START.date(), random.Random(1))
    rules: dict[str, Any] = {"size": 30, "min_new_ratio": 0.8, "cooldown_days": 60, "now": START}
    best = {"dedupe": 9e9, "rank": 9e9, "select": 9e9}
    for _ in range(15):
        begun = time.perf_counter()
        candidates = merge(found)
        merged = time.perf_counter()
        ranked = rank(candidates, profile, {one.key for one in heard.likes})
        sorted_ = time.perf_counter()
        select(ranked, listening=heard, shares=profile.languages, **rules)
        spans = {"dedupe": merged - begun, "rank": sorted_ - merged, "select": time.perf_counter() - sorted_}
        best = {step: min(best[step], span) for step, span in spans.items()}
    yield (
        f"{len(candidates):,} candidates from {len(found):,} finds, best of 15, milliseconds: "
        + ", ".join(f"{step} {span * 1000:.0f}" for step, span in best.items())
        + f", together {sum(best.values()) * 1000:.0f}"
    )


def main() -> None:
    sys.stdout.write(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    with scratch():
        for part in (middle, runs, library):  # the middle first: later the heap is large
            sys.stdout.write("\n")
            for line in part():
                sys.stdout.write(line + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
