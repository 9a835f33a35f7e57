"""The circuit breaker of each service, one for the whole installation: a service that keeps failing gets a rest.

After the rest calls go again: the first that fails begins a longer one, a success ends the matter.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from vibe.clients.meter import Health
from vibe.clients.models import ServiceState

logger = logging.getLogger(__name__)

DOWN = "service_down"
OPENS_AT = 5  # failures in a row, of different calls
REST = timedelta(seconds=60)
LONGEST_REST = timedelta(seconds=900)
COOLING = timedelta(minutes=5)  # a rate limit is remembered for so long after its end, see `limiter.reserve`
SIGN_IN = "token"  # the family of the sign-in host, which speaks for our keys and not for the service behind it
RACES = 50


def keep(service: str, health: Health, now: datetime) -> None:
    """Merges how one run's calls ended into what all runs met."""
    if health.failures:
        ServiceState.objects.get_or_create(service=service, family="")
    for row in ServiceState.objects.filter(service=service, family__in=["", *health.well]):
        _merge(row, health, now)


def after(row: ServiceState, health: Health, now: datetime) -> dict[str, Any]:
    """The columns that change: a success after the block ends it; failures of the whole service may begin one."""
    succeeded = _succeeded(row, health)
    changes: dict[str, Any] = {}
    if succeeded and (row.reason or row.blocked_until) and not _is_kept(row, health):
        changes = {"blocked_until": None, "reason": ""}
    failures = _failures(row, health, now, succeeded=succeeded)
    if failures != row.failures:
        changes["failures"] = failures
    if failures >= OPENS_AT and (failures > row.failures or succeeded):
        changes |= _rest(row, failures, now)
    return changes


def _merge(row: ServiceState, health: Health, now: datetime) -> None:
    for _ in range(RACES):
        changes = after(row, health, now)
        seen = ServiceState.objects.filter(
            pk=row.pk, failures=row.failures, blocked_until=row.blocked_until, reason=row.reason
        )
        if not changes or seen.update(**changes):
            return
        row.refresh_from_db()
    logger.warning("service=%s: %d races lost, how its calls ended was not counted", row.service, RACES)


def _last_success(row: ServiceState, health: Health) -> datetime | None:
    if row.family:
        return health.well.get(row.family)
    if row.reason == "bad_credentials":
        return health.well.get(SIGN_IN)
    return max((at for family, at in health.well.items() if family != SIGN_IN), default=None)


def _succeeded(row: ServiceState, health: Health) -> bool:
    """A call that began before the block was met says nothing of its end."""
    at = _last_success(row, health)
    return at is not None and (row.blocked_until is None or at >= row.blocked_until)


def _is_kept(row: ServiceState, health: Health) -> bool:
    at, limited = _last_success(row, health), row.reason == "rate_limited"
    return bool(limited and row.blocked_until and at and at - row.blocked_until < COOLING)


def _failures(row: ServiceState, health: Health, now: datetime, *, succeeded: bool) -> int:
    if row.family:
        return row.failures
    if succeeded:
        return min(health.failures, OPENS_AT)
    if row.failures < OPENS_AT:
        return min(row.failures + health.failures, OPENS_AT)
    # Of the calls that were under way when it opened none counts, and of those after a rest one.
    resting = row.blocked_until is not None and row.blocked_until > now
    return row.failures + (1 if health.failures and not resting else 0)


def _rest(row: ServiceState, failures: int, now: datetime) -> dict[str, Any]:
    doublings = min(failures - OPENS_AT, 10)
    until = now + min(REST * 2**doublings, LONGEST_REST)
    longer = row.blocked_until is None or row.blocked_until < until
    return {"blocked_until": until, "reason": DOWN} if longer else {}
