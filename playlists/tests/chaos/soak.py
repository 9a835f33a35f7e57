"""Minutes of random kills and outside faults over many users and nights, through every trigger; then silence."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import requests

from accounts.models import Outbox, User
from playlists.models import PlaylistRun
from playlists.request import order
from playlists.states import Trigger
from playlists.tests.chaos import quiet
from playlists.tests.chaos.field import Child, Field
from playlists.tests.chaos.launcher import Order
from playlists.tests.chaos.verdict import Row

SECONDS, SHORT_SECONDS = 600.0, {"sqlite": 24.0, "postgresql": 20.0}
PEOPLE, STANDING = 20, 5  # users, and how many of them want one playlist for all days
WORKERS = 4
BETWEEN_KILLS = (0.8, 1.0)  # seconds
LEASE = 4.0  # seconds; four workers share two cores
WAVE, SHARE = 500, 0.1  # calls over which faults are strewn at a time, and the share of them that meets one
FAULTS = (
    {"kind": "server_error", "status": 503},
    {"kind": "timeout_after_write", "mode": "drop"},
    {"kind": "slow", "seconds": 0.3},
)
DRAIN = 180.0  # seconds within which everything has to end by itself


@dataclass
class Storm:
    """What was done so far."""

    ground: Field
    people: list[User]
    base: datetime
    workers: list[Child] = field(default_factory=list)
    crew: list[Child] = field(default_factory=list)  # all there ever were
    nights: Counter[int] = field(default_factory=Counter)
    kills: int = 0

    def worker(self) -> Child:
        order = Order("playlists.tests.chaos.acts:work", lease=LEASE, hasty=True)
        self.crew.append(self.ground.start(order))
        return self.crew[-1]

    def ask(self, triggers: Sequence[str]) -> None:
        """The next night, or a playlist beside it, for everybody whose last run has ended."""
        busy = set(PlaylistRun.objects.unfinished().values_list("user", flat=True))
        for user in self.people:
            if user.pk in busy:
                continue
            force = bool(self.nights[user.pk]) and random.random() < 0.2
            self.nights[user.pk] += not force
            now = self.base + timedelta(days=self.nights[user.pk])
            order(user, trigger=random.choice(triggers), now=now, force=force)

    def kill(self) -> None:
        place = random.randrange(len(self.workers))
        self.workers[place].send(signal.SIGKILL)
        self.workers[place] = self.worker()
        self.kills += 1

    def strew(self) -> None:
        """Faults for a tenth of the next calls, whichever they are, once those before are used up."""
        if self.ground.sandbox.faults():
            return
        wave = [{**random.choice(FAULTS), "after": random.randrange(WAVE)} for _ in range(int(WAVE * SHARE))]
        requests.post(f"{self.ground.sandbox.url}/_sandbox/faults", json=wave, timeout=30).raise_for_status()


def soak(ground: Field, short: bool) -> list[Row]:
    begun = time.monotonic()
    ground.sandbox.clear_faults()
    ground.sandbox.calls(clear=True)
    people = [ground.user(playlist_mode="standing" if number < STANDING else "fresh") for number in range(PEOPLE)]
    storm = Storm(ground, people, ground.now())
    storm.workers = [storm.worker() for _ in range(WORKERS)]
    rage(storm, SHORT_SECONDS[ground.database] if short else SECONDS)
    calls = ground.sandbox.calls()
    weather = f"{sum('fault' in call for call in calls) / max(1, len(calls)):.0%} of {len(calls):,} calls with a fault"
    ground.sandbox.clear_faults()
    troubles = drain(storm)
    # One more night for everybody: it takes away what runs that failed have left.
    storm.ask([Trigger.NIGHTLY])
    troubles += drain(storm)
    for worker in storm.workers:
        worker.process.kill()
    happened, found = quiet.judged(storm.people, storm.crew, storm.kills, ground)
    return [Row(f"soak, {WORKERS} workers", f"{happened}; {weather}", time.monotonic() - begun, troubles + found)]


def rage(storm: Storm, seconds: float) -> None:
    over, next_kill = time.monotonic() + seconds, time.monotonic()
    while (now := time.monotonic()) < over:
        storm.strew()
        storm.ask(Trigger.values)
        if now >= next_kill:
            storm.kill()
            next_kill = now + random.uniform(*BETWEEN_KILLS)
        time.sleep(0.1)


def drain(storm: Storm) -> list[str]:
    """Waits until nothing waits any more; whoever died of something else than a kill is missed here."""
    over = time.monotonic() + DRAIN
    waiting = Outbox.objects.filter(status__in=[Outbox.Status.PENDING, Outbox.Status.SENDING])
    while time.monotonic() < over:
        if not PlaylistRun.objects.unfinished().exists() and not waiting.exists():
            return []
        time.sleep(0.2)
    stuck = list(PlaylistRun.objects.unfinished().values_list("pk", "status", "error_code"))
    return [f"not quiet after {DRAIN:g} s: runs {stuck}, messages {list(waiting.values_list('key', flat=True))}"]
