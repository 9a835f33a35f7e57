"""Shared by every outside call: a session a thread, time-outs, and bounded repeats within the Meter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar

import requests

from vibe.clients.errors import INSTALLATION, QuotaExceeded, RateLimited, ServiceError, not_before
from vibe.clients.meter import PASSING, Meter
from vibe.clients.services import OPTIONAL

NAME = "DailyVibe/0.1"
USER_AGENT = f"{NAME} (self-hosted playlist generator)"
TIMEOUT = (3.05, 20.0)  # seconds to connect, seconds to wait for the next bytes
DEADLINE = 30.0  # seconds after which a call is not repeated any more: it ends within DEADLINE + sum(TIMEOUT)
# Those of services that a run can do without: one that was silent is not asked again.
OPTIONAL_TIMEOUT, OPTIONAL_DEADLINE = (3.05, 8.0), 6.0
LARGEST = 5 * 2**20  # bytes of an answer; the largest that make sense have a tenth
BACKOFF = (0.5, 1.5)  # seconds before the first and the second repeat
SHORT_WAIT = 5.0  # seconds of Retry-After that a run waits out itself
NO_RETRY_AFTER = 30  # seconds
LONGEST_BLOCK = 86_400  # seconds
MENDING = timedelta(hours=1)  # how long a fault of the installation stops everybody, then one run tries again

_own = threading.local()
T = TypeVar("T")


class Refused(Exception):
    """An answer that is no success, whole: the libraries would lose its status, its headers or its body."""

    def __init__(self, status: int, headers: Mapping[str, str], text: str) -> None:
        super().__init__(f"status {status}")
        self.status, self.headers, self.text = status, headers, text


class TooLarge(requests.RequestException):
    """An answer of more than `LARGEST` bytes, of which the rest was not read."""


def _note_date(answer: requests.Response, *_: Any, **__: Any) -> None:
    _own.date = answer.headers.get("Date", "")


def told_date() -> datetime | None:
    """What the last answer to this thread says the time is; None where it said none. Good or bad, it is an answer."""
    try:
        at = parsedate_to_datetime(getattr(_own, "date", ""))
    except ValueError:
        return None
    return at.astimezone(UTC)


def _read(answer: requests.Response, *_: Any, **__: Any) -> None:
    body = bytearray()
    for part in answer.iter_content(2**16):
        body += part
        if len(body) > LARGEST:
            answer.close()
            raise TooLarge
    answer._content = bytes(body)  # what requests itself would have read, however much there is


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
        kept.hooks["response"] += [_note_date, _read, _refuse]
        # One listener's cookies must not travel with the next one's token.
        kept.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        _own.session = kept
    kept_session: requests.Session = _own.session
    return kept_session


def transport_error(service: str, error: requests.RequestException) -> ServiceError:
    """The call got no (readable) answer. Raise it `from None`: the library's text holds the URL."""
    if isinstance(error, requests.JSONDecodeError | TooLarge):
        return ServiceError(service, "malformed")
    return ServiceError(service, "timeout" if isinstance(error, requests.Timeout) else "connection")


def fetched(
    service: str,
    url: str,
    params: Mapping[str, str] | None = None,
    *,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """The JSON behind an address of an optional service, for `ask` to send; POSTs where there is a `body`.

    Raises Refused and ServiceError.
    """
    try:
        method = "GET" if body is None else "POST"
        answer = session().request(method, url, params=params, json=body, headers=headers, timeout=OPTIONAL_TIMEOUT)
        return answer.json()
    except requests.RequestException as error:
        raise transport_error(service, error) from None
    except ValueError:  # a number of thousands of digits
        raise ServiceError(service, "malformed") from None


def refusal(service: str, refused: Refused, now: datetime) -> ServiceError:
    """What an answer that is no success means where the service says it by the status alone."""
    status, headers = refused.status, refused.headers
    if status == 429:
        return RateLimited(service, blocked_until(headers.get("Retry-After"), now))
    if status >= 500:
        return ServiceError(service, "unavailable", status=status)
    if status in (401, 403):
        return ServiceError(service, "forbidden", permanent=True, status=status)
    return ServiceError(service, "not_found" if status == 404 else "bad_request", permanent=True, status=status)


def blocked_until(retry_after: object, now: datetime) -> datetime:
    """`now` plus a Retry-After in whole seconds: 30 s where it is missing or makes no sense, at most 24 h."""
    text = str(retry_after).strip()
    # Nine digits are enough to reach the cap, and keep int() away from a header of thousands.
    seconds = int(text[:9]) if text.isascii() and text.isdecimal() else NO_RETRY_AFTER
    return now + timedelta(seconds=min(seconds, LONGEST_BLOCK))


def ask(meter: Meter, service: str, family: str, send: Callable[[], T], *, repeatable: bool) -> T:
    """`send()` within the Meter, repeated a bounded number of times; every repeat is paced and counted.

    A short 429 is waited out once whatever the verb, for nothing was applied; a passing failure is repeated only
    where `repeatable`. Raises ServiceError; a RateLimited that stays is remembered by the Meter, and so is a fault
    of the installation, which is a RateLimited of an hour to everybody.
    """
    give_up = meter.monotonic() + (OPTIONAL_DEADLINE if service in OPTIONAL else DEADLINE)
    failures: list[ServiceError] = []
    while True:
        with meter.call(service, family) as call:
            try:
                answer = _sent(service, send)
            except ServiceError as error:
                call.outcome = error.code
                failures.append(_for_everybody(error, meter.clock()))
            else:
                meter.went(service, family)
                return answer
        rest = _rest_before_repeat(failures, meter.clock(), repeatable)
        if rest is None or meter.monotonic() > give_up:
            _remember(meter, family, failures[-1])
            raise failures[-1]
        meter.pause(service, rest)


def _sent(service: str, send: Callable[[], T]) -> T:
    try:
        return send()
    except RecursionError:  # nested deeper than the library that reads it can follow
        raise ServiceError(service, "malformed") from None


def _for_everybody(error: ServiceError, now: datetime) -> ServiceError:
    return not_before(error.service, now + MENDING, error.code) if error.code in INSTALLATION else error


def _remember(meter: Meter, family: str, failure: ServiceError) -> None:
    meter.went(failure.service, family, failure.code)
    if isinstance(failure, RateLimited):
        meter.block(failure, family)


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
