"""Shared by every outside call: a session a thread, time-outs, bounded repeats, and the Meter that counts and paces."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar

import requests
from django.conf import settings

from vibe.clients.errors import QuotaExceeded, RateLimited, ServiceError
from vibe.clients.types import Clock

USER_AGENT = "DailyVibe/0.1 (self-hosted playlist generator)"
TIMEOUT = (3.05, 20.0)  # seconds to connect, seconds to wait for the next bytes
DEADLINE = 30.0  # seconds after which a call is not repeated any more: it ends within DEADLINE + sum(TIMEOUT)
BACKOFF = (0.5, 1.5)  # seconds before the first and the second repeat
PASSING = frozenset({"unavailable", "timeout", "connection", "malformed"})
SHORT_WAIT = 5.0  # seconds of Retry-After that a run waits out itself
NO_RETRY_AFTER = 30  # seconds
LONGEST_BLOCK = 86_400  # seconds

_own = threading.local()
T = TypeVar("T")


class Refused(Exception):
    """An answer that is no success, whole: the libraries would lose its status, its headers or its body."""

    def __init__(self, status: int, headers: Mapping[str, str], text: str) -> None:
        super().__init__(f"status {status}")
        self.status, self.headers, self.text = status, headers, text


def _refuse(answer: requests.Response, *_: Any, **__: Any) -> None:
    # Redirects are refused too: following one would carry the bearer token to wherever it points.
    if answer.status_code >= 300:
        raise Refused(answer.status_code, answer.headers, answer.text)


class _KeptSession(requests.Session):
    def close(self) -> None:
        """Does nothing: spotipy closes the session of every client it forgets, and with it our live connections."""


def session() -> requests.Session:
    """This thread's session: keeps its connections, never repeats, sleeps or follows; its calls raise `Refused`."""
    if not hasattr(_own, "session"):
        kept = _KeptSession()
        kept.headers["User-Agent"] = USER_AGENT
        kept.hooks["response"].append(_refuse)
        # One listener's cookies must not travel with the next one's token.
        kept.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        _own.session = kept
    kept_session: requests.Session = _own.session
    return kept_session


def transport_error(service: str, error: requests.RequestException) -> ServiceError:
    """The call got no (readable) answer. Raise it `from None`: the library's text holds the URL."""
    if isinstance(error, requests.JSONDecodeError):
        return ServiceError(service, "malformed")
    return ServiceError(service, "timeout" if isinstance(error, requests.Timeout) else "connection")


def blocked_until(retry_after: object, now: datetime) -> datetime:
    """`now` plus a Retry-After in whole seconds: 30 s where it is missing or makes no sense, at most 24 h."""
    text = str(retry_after).strip()
    # Nine digits are enough to reach the cap, and keep int() away from a header of thousands.
    seconds = int(text[:9]) if text.isascii() and text.isdecimal() else NO_RETRY_AFTER
    return now + timedelta(seconds=min(seconds, LONGEST_BLOCK))


class Meter:
    """Paces, counts and times the calls of one run, and remembers what they met. Thread-safe; touches no database."""

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
        self.calls: Counter[tuple[str, str]] = Counter()
        self.milliseconds: Counter[tuple[str, str]] = Counter()
        self.blocks: dict[tuple[str, str], RateLimited] = {}
        self.met: set[tuple[str, str]] = set()  # blocks this run met itself
        self.capabilities: dict[tuple[str, str], bool] = {}
        self.probed: set[tuple[str, str]] = set()  # capabilities this run found out itself
        self.stored: Counter[tuple[str, str]] = Counter()  # calls already added to ApiUsage
        self._next_start: dict[str, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def call(self, service: str, family: str) -> Iterator[None]:
        """Waits its turn, then counts and times the body. Raises RateLimited at once where the service is blocked."""
        self._refuse_blocked(service, family)
        self._wait_turn(service)
        # While this thread waited, another may have met the limit.
        self._refuse_blocked(service, family)
        started = self.monotonic()
        try:
            yield
        finally:
            with self._lock:
                self.calls[service, family] += 1
                self.milliseconds[service, family] += round(1000 * (self.monotonic() - started))

    def block(self, error: RateLimited, family: str = "", *, met: bool = True) -> None:
        """Remembers a limit; a quota blocks its family, a rate limit the whole service. Never shortens.

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

    def unstored(self) -> Counter[tuple[str, str]]:
        """Calls that ApiUsage does not know yet."""
        with self._lock:
            return self.calls - self.stored

    def _refuse_blocked(self, service: str, family: str) -> None:
        with self._lock:
            met = [self.blocks[key] for key in ((service, ""), (service, family)) if key in self.blocks]
        now = self.clock()
        for error in met:
            if error.until > now:
                raise type(error)(error.service, error.until)

    def _wait_turn(self, service: str) -> None:
        with self._lock:
            now = self.monotonic()
            start = max(now, self._next_start.get(service, now))
            self._next_start[service] = start + self.gaps.get(service, 0.0)
        if start > now:
            self._sleep(start - now)


def _configured_gaps() -> dict[str, float]:
    return {"spotify": settings.SPOTIFY_CALL_GAP_MS / 1000, "lastfm": settings.LASTFM_CALL_GAP_MS / 1000}


def ask(meter: Meter, service: str, family: str, send: Callable[[], T], *, repeatable: bool) -> T:
    """`send()` within the Meter, repeated a bounded number of times; every repeat is paced and counted.

    A short 429 is waited out once whatever the verb, for nothing was applied; a passing failure is repeated only
    where `repeatable`. Raises ServiceError; a RateLimited that stays is remembered by the Meter.
    """
    give_up = meter.monotonic() + DEADLINE
    failures: list[ServiceError] = []
    while True:
        with meter.call(service, family):
            try:
                return send()
            except ServiceError as error:
                failures.append(error)
        rest = _rest_before_repeat(failures, meter.clock(), repeatable)
        if rest is None or meter.monotonic() > give_up:
            if isinstance(failures[-1], RateLimited):
                meter.block(failures[-1], family)
            raise failures[-1]
        meter.pause(service, rest)


def _rest_before_repeat(failures: list[ServiceError], now: datetime, repeatable: bool) -> float | None:
    failure = failures[-1]
    if isinstance(failure, QuotaExceeded):
        return None
    if isinstance(failure, RateLimited):
        wait = (failure.until - now).total_seconds()
        first = sum(isinstance(earlier, RateLimited) for earlier in failures) == 1
        return max(wait, 0.0) if first and wait <= SHORT_WAIT else None
    passing = sum(earlier.code in PASSING for earlier in failures)
    if not repeatable or failure.code not in PASSING or passing > len(BACKOFF):
        return None
    return BACKOFF[passing - 1]
