"""The Meter's memory, shared by every process: permits, blocks, the circuit breaker, what the calls cost.

Rows and conditional updates alone; no transaction is ever held across a call. Call it from the job's main thread.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from vibe.clients import breaker
from vibe.clients.errors import RateLimited, not_before
from vibe.clients.meter import Meter
from vibe.clients.models import ApiUsage, ServiceState
from vibe.clients.types import Clock

logger = logging.getLogger(__name__)

PROBE_AGAIN = timedelta(days=30)
HORIZON = timedelta(seconds=120)  # nobody stands in a longer queue: the run is parked instead
ASTRAY = timedelta(hours=1)  # a next free call further away was written by a clock that was wrong
RACES = 200  # lost in a row before a run paces itself: never seen with 8 threads at work


def opened(clock: Clock, gaps: Mapping[str, float] | None = None) -> Meter:
    """A Meter that shares one pace with all other processes and knows what they met. `gaps`: see Meter."""
    meter = Meter(clock, gaps)
    meter.book = reserve
    load(meter)
    return meter


def reserve(meter: Meter, service: str, count: int) -> None:
    """Gives the meter the next `count` starts, a gap apart, that no process has. Nothing for a gap of 0.

    Raises RateLimited where the first of them is more than `HORIZON` away.
    """
    gap = timedelta(seconds=meter.gaps.get(service, 0.0))
    if not gap:
        return
    for _ in range(RACES):
        now = meter.clock()
        state = _row(service)
        pace = gap * 2 if _is_cooling(state, now) else gap  # half as fast where we were too fast
        first = _next_free(state.permits_at, now)
        if first - now > HORIZON:
            raise RateLimited(service, first)
        free = ServiceState.objects.filter(pk=state.pk, permits_at=state.permits_at)
        if free.update(permits_at=first + count * pace):
            wait, step = (first - now).total_seconds(), pace.total_seconds()
            begin = meter.monotonic() + wait
            meter.permit(service, (begin + n * step for n in range(count)))
            return
    logger.warning("service=%s: no permits after %d races, this run paces itself", service, RACES)


def load(meter: Meter) -> None:
    """Puts the blocks and capabilities other runs found into the meter; after 30 days a capability is probed again."""
    now = meter.clock()
    for state in ServiceState.objects.all():
        if state.blocked_until:
            meter.block(not_before(state.service, state.blocked_until, state.reason), state.family, met=False)
        for capability, known in state.capabilities.items():
            if _still_counts(known, now):
                meter.capabilities[state.service, capability] = bool(known["alive"])


def store(meter: Meter) -> None:
    """Shares what came since the last time: calls made, blocks met (never shortening), capabilities, failures."""
    _add_usage(meter)
    for family, error in meter.take_met():
        _keep_block(error, family)
    probed = meter.take_probed()
    for service in sorted({service for service, _ in probed}):
        _keep_capabilities(service, meter, probed)
    for service, health in sorted(meter.take_health().items()):
        breaker.keep(service, health, meter.clock())


def _row(service: str, family: str = "") -> ServiceState:
    # Not get_or_create alone, which opens a transaction to look.
    row = ServiceState.objects.filter(service=service, family=family).first()
    return row or ServiceState.objects.get_or_create(service=service, family=family)[0]


def _next_free(permits_at: datetime | None, now: datetime) -> datetime:
    if permits_at is None or permits_at - now > ASTRAY:
        return now
    return max(now, permits_at)


def _is_cooling(state: ServiceState, now: datetime) -> bool:
    if state.reason != "rate_limited" or state.blocked_until is None:
        return False
    return now - state.blocked_until < breaker.COOLING


def _add_usage(meter: Meter) -> None:
    made = meter.unstored()
    hour = meter.clock().replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        for (service, family, outcome), calls in sorted(made.items()):
            usage, _ = ApiUsage.objects.get_or_create(service=service, family=family, outcome=outcome, hour=hour)
            ApiUsage.objects.filter(pk=usage.pk).update(calls=F("calls") + calls)
    meter.stored.update(made)


def _still_counts(known: Mapping[str, object], now: datetime) -> bool:
    return now.date() - date.fromisoformat(str(known["probed"])) < PROBE_AGAIN


def _keep_block(met: RateLimited, family: str) -> None:
    state = _row(met.service, family)
    earlier = Q(blocked_until__isnull=True) | Q(blocked_until__lt=met.until)
    ServiceState.objects.filter(earlier, pk=state.pk).update(blocked_until=met.until, reason=met.code)


@transaction.atomic
def _keep_capabilities(service: str, meter: Meter, probed: Collection[tuple[str, str]]) -> None:
    ServiceState.objects.get_or_create(service=service, family="")
    state = ServiceState.objects.select_for_update().get(service=service, family="")
    today = meter.clock().date().isoformat()
    for owner, capability in sorted(probed):
        if owner == service:
            state.capabilities[capability] = {"alive": meter.capabilities[owner, capability], "probed": today}
    state.save(update_fields=["capabilities"])
