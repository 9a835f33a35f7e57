"""The Meter's memory: what one run met, kept for every process. Call from the job's main thread, between steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from vibe.clients.errors import QuotaExceeded, RateLimited
from vibe.clients.http import Meter
from vibe.clients.models import ApiUsage, ServiceState

PROBE_AGAIN = timedelta(days=30)


def load(meter: Meter) -> None:
    """Puts the blocks and capabilities other runs found into the meter; after 30 days a capability is probed again."""
    now = meter.clock()
    for state in ServiceState.objects.all():
        if state.blocked_until:
            quota = state.reason == "quota_exceeded"
            error = (QuotaExceeded if quota else RateLimited)(state.service, state.blocked_until)
            meter.block(error, state.family, met=False)
        for capability, known in state.capabilities.items():
            if _still_counts(known, now):
                meter.capabilities[state.service, capability] = bool(known["alive"])


def store(meter: Meter) -> None:
    """Adds the calls made since the last time to ApiUsage; keeps blocks met (never shortening) and capabilities."""
    now, made = meter.clock(), meter.unstored()
    hour = now.replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        for (service, family), calls in sorted(made.items()):
            usage, _ = ApiUsage.objects.get_or_create(service=service, family=family, hour=hour)
            ApiUsage.objects.filter(pk=usage.pk).update(calls=F("calls") + calls)
        for service, family in sorted(meter.met):
            _keep_block(service, family, meter.blocks[service, family])
        for service in sorted({service for service, _ in meter.probed}):
            _keep_capabilities(service, meter, now.date())
    meter.stored.update(made)
    meter.probed.clear()
    meter.met.clear()


def _still_counts(known: Mapping[str, object], now: datetime) -> bool:
    return now.date() - date.fromisoformat(str(known["probed"])) < PROBE_AGAIN


def _keep_block(service: str, family: str, met: RateLimited) -> None:
    state, _ = ServiceState.objects.get_or_create(service=service, family=family)
    earlier = Q(blocked_until__isnull=True) | Q(blocked_until__lt=met.until)
    ServiceState.objects.filter(earlier, pk=state.pk).update(blocked_until=met.until, reason=met.code)


def _keep_capabilities(service: str, meter: Meter, today: date) -> None:
    ServiceState.objects.get_or_create(service=service, family="")
    state = ServiceState.objects.select_for_update().get(service=service, family="")
    for owner, capability in sorted(meter.probed):
        if owner == service:
            alive = meter.capabilities[owner, capability]
            state.capabilities[capability] = {"alive": alive, "probed": today.isoformat()}
    state.save(update_fields=["capabilities"])
