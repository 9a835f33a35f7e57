"""The Meter: paces, counts and times the calls of one run. What it knows is carried to other processes by `limiter`."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from vibe.clients import services
from vibe.clients.errors import QuotaExceeded, RateLimited, ServiceError, not_before
from vibe.clients.types import Clock

PASSING = frozenset({"unavailable", "timeout", "connection", "malformed"})  # codes of failures that may pass
IDLE = 2.0  # seconds a waiting main thread sleeps at a time


@dataclass(slots=True)
class Call:
    """One call under way; whoever makes it says how it ended, as the code of an error."""

    outcome: str = "ok"


@dataclass(slots=True)
class Health:
    """How the calls of one service ended since this was last shared."""

    failures: int = 0  # in a row, after the last success; a call with its repeats counts once
    well: dict[str, datetime] = field(default_factory=dict)  # family -> its last success


class Meter:
    """Paces, counts and times the calls of one run, and remembers what they met. Thread-safe; touches no database.

    `book(meter, service, count)` brings permits that no other process has; None leaves the meter to pace itself.
    `idle` is called about every two seconds while the thread that built the meter waits. Both in that thread only.
    """

    def __init__(
        self,
        clock: Clock,
        gaps: Mapping[str, float] | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`gaps`: seconds between the starts of two calls of a service; None takes them from the settings."""
        self.clock, self.monotonic, self._sleep = clock, monotonic, sleep
        self.gaps = _configured_gaps() if gaps is None else gaps
        self.book: Callable[[Meter, str, int], None] | None = None
        self.idle: Callable[[], None] | None = None
        self.calls: Counter[tuple[str, str]] = Counter()
        self.milliseconds: Counter[tuple[str, str]] = Counter()
        self.blocks: dict[tuple[str, str], RateLimited] = {}
        self.met: set[tuple[str, str]] = set()  # blocks this run met itself
        self.capabilities: dict[tuple[str, str], bool] = {}
        self.probed: set[tuple[str, str]] = set()  # capabilities this run found out itself
        self.outcomes: Counter[tuple[str, str, str]] = Counter()  # the same calls, by how they ended
        self.stored: Counter[tuple[str, str, str]] = Counter()  # those already added to ApiUsage
        self.health: defaultdict[str, Health] = defaultdict(Health)
        self._permits: defaultdict[str, deque[float]] = defaultdict(deque)  # starts, on the scale of `monotonic`
        self._next_start: dict[str, float] = {}
        self._thread = threading.get_ident()
        self._lock = threading.Lock()

    @contextmanager
    def call(self, service: str, family: str) -> Iterator[Call]:
        """Waits its turn, then counts and times the body. Raises RateLimited at once where the service is blocked."""
        self.refuse_blocked(service, family)
        self._wait_turn(service)
        # While this thread waited, another may have met the limit.
        self.refuse_blocked(service, family)
        call, started = Call(), self.monotonic()
        try:
            yield call
        except BaseException as error:
            call.outcome = error.code if isinstance(error, ServiceError) else "internal"
            raise
        finally:
            with self._lock:
                self.calls[service, family] += 1
                self.outcomes[service, family, call.outcome] += 1
                self.milliseconds[service, family] += round(1000 * (self.monotonic() - started))

    def reserve(self, service: str, count: int) -> None:
        """Permits for `count` calls about to be sent by threads. In the thread that built the meter only.

        Nothing is reserved of a service that is not paced or that is blocked. Raises RateLimited where the wait
        would be too long.
        """
        if self.book and self.gaps.get(service) and not self._blocking(service):
            self.book(self, service, count)

    def permit(self, service: str, starts: Iterable[float]) -> None:
        """The times (of `monotonic`) at which the next calls may start."""
        with self._lock:
            self._permits[service].extend(starts)

    def block(self, error: RateLimited, family: str = "", *, met: bool = True) -> None:
        """Remembers a limit; a quota blocks its family, anything else the whole service. Never shortens.

        `met`: by this run, which then has to tell the others.
        """
        key = (error.service, family if isinstance(error, QuotaExceeded) else "")
        with self._lock:
            known = self.blocks.get(key)
            if known is None or known.until < error.until:
                self.blocks[key] = error
                (self.met.add if met else self.met.discard)(key)

    def pause(self, service: str, seconds: float) -> None:
        """No call of this service starts for so long, in any thread."""
        with self._lock:
            self._next_start[service] = max(self._next_start.get(service, 0.0), self.monotonic() + seconds)

    def mark(self, service: str, capability: str, alive: bool) -> None:
        """What a route turned out to be."""
        with self._lock:
            self.capabilities[service, capability] = alive
            self.probed.add((service, capability))

    def went(self, service: str, family: str, code: str = "") -> None:
        """How a call ended after its repeats: "" is a success. Only what may pass says that a service is down."""
        with self._lock:
            health = self.health[service]
            if not code:
                health.failures, health.well[family] = 0, self.clock()
            elif code in PASSING:
                health.failures += 1

    def unstored(self) -> Counter[tuple[str, str, str]]:
        """Calls that ApiUsage does not know yet, by service, family and outcome."""
        with self._lock:
            return self.outcomes - self.stored

    def take_met(self) -> list[tuple[str, RateLimited]]:
        """Family and limit of the blocks this run met since the last time this was asked."""
        with self._lock:
            met, self.met = self.met, set()
            return [(family, self.blocks[service, family]) for service, family in sorted(met)]

    def take_probed(self) -> set[tuple[str, str]]:
        """The capabilities this run found out since the last time this was asked."""
        with self._lock:
            probed, self.probed = self.probed, set()
            return probed

    def take_health(self) -> dict[str, Health]:
        """By service, since the last time this was asked."""
        with self._lock:
            health, self.health = dict(self.health), defaultdict(Health)
            return health

    def refuse_blocked(self, service: str, family: str = "") -> None:
        """Raises the RateLimited that stops calls of this service now, if one does."""
        if error := self._blocking(service, family):
            raise not_before(error.service, error.until, error.code)

    def _blocking(self, service: str, family: str = "") -> RateLimited | None:
        with self._lock:
            met = [self.blocks[key] for key in ((service, ""), (service, family)) if key in self.blocks]
        now = self.clock()
        return next((error for error in met if error.until > now), None)

    def _wait_turn(self, service: str) -> None:
        own = threading.get_ident() == self._thread
        if own and not self._permits[service]:
            self.reserve(service, 1)
        with self._lock:
            now = self.monotonic()
            permits = self._permits[service]
            permitted = permits.popleft() if permits else now
            # Not closer together than a gap even where permits were not used in time, as after a pause.
            start = max(now, permitted, self._next_start.get(service, now))
            self._next_start[service] = start + self.gaps.get(service, 0.0)
        self._rest(start - now, self.idle if own else None)

    def _rest(self, seconds: float, idle: Callable[[], None] | None) -> None:
        while seconds > 0:
            part = min(seconds, IDLE) if idle else seconds
            self._sleep(part)
            seconds -= part
            if idle:
                idle()


def _configured_gaps() -> dict[str, float]:
    return {service: getattr(settings, gap) / 1000 for service, gap in services.GAPS.items()}
