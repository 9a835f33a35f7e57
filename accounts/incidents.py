"""Trouble of the whole installation, told to the operator once when it begins and once when it is over."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import Incident
from accounts.outbox import say
from vibe.clients.models import ServiceState
from vibe.clients.services import SPARE
from vibe.clients.telegram import TELEGRAM

logger = logging.getLogger(__name__)

RECENT = timedelta(minutes=10)  # a block that ended longer ago begins no incident
DOWN_FOR_LONG = 8  # failures in a row, the last ones after rests: some seven minutes
BY_REASON = {
    "premium": "premium",
    "bad_credentials": "bad_key:{service}",
    "bad_key": "bad_key:{service}",
    "quota_exceeded": "quota",
    "service_down": "down:{service}",
}


def begin(kind: str, now: datetime, **params: Any) -> bool:
    """Whether this call opened the incident; while it is open, further calls do nothing.

    `kind`: premium, bad_key:<service>, quota, down:<service>, worker or night; `params` are what its text needs.
    """
    # Looked up first: called once a minute, the refused insert would fill the database's own log.
    if Incident.objects.filter(kind=kind, closed_at=None).exists():
        return False
    try:
        with transaction.atomic():
            _tell("incident_open", Incident.objects.create(kind=kind, params=params, opened_at=now))
    except IntegrityError:
        return False  # another process was quicker
    return True


def over(kind: str, now: datetime) -> bool:
    """Whether this call closed the incident."""
    incident = Incident.objects.filter(kind=kind, closed_at=None).first()
    if incident is None:
        return False
    with transaction.atomic():
        closed = Incident.objects.filter(pk=incident.pk, closed_at=None).update(closed_at=now)
        if closed:
            _tell("incident_closed", incident)
    return bool(closed)


def _tell(message: str, incident: Incident) -> None:
    logger.warning("%s: %s", message, incident.kind)
    if chat := _operator():
        name, _, service = incident.kind.partition(":")
        params = incident.params | ({"service": service} if service else {})
        say(chat, message, f"incident:{incident.pk}:{message}", {"kind": name, "params": params})


def _operator() -> int | None:
    chat = settings.OPERATOR_CHAT_ID.strip()
    if re.fullmatch(r"-?\d{1,18}", chat):
        return int(chat)
    logger.warning("OPERATOR_CHAT_ID names no chat: the operator is told in the log alone")
    return None


def watch_services(now: datetime, ours: Mapping[str, dict[str, Any]] | None = None) -> None:
    """Opens and closes the incidents that all processes' calls have shown, see `vibe.clients.limiter`.

    `ours`: kinds of the same incidents that go on for reasons of our own, each with what its text needs.
    """
    going_on = {**(ours or {}), **_going_on(now)}
    for kind, params in sorted(going_on.items()):
        begin(kind, now, **params)
    for kind in Incident.objects.filter(closed_at=None).values_list("kind", flat=True):
        if _is_of_services(kind) and kind not in going_on and not _is_unproven(kind):
            over(kind, now)


def _going_on(now: datetime) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    # Telegram's own trouble can't be told through Telegram.
    rows = ServiceState.objects.filter(blocked_until__gt=now - RECENT).exclude(service=TELEGRAM)
    for row in rows.order_by("blocked_until"):
        if row.reason == "service_down" and row.service in SPARE:
            continue
        if row.reason in BY_REASON and (row.reason != "service_down" or row.failures >= DOWN_FOR_LONG):
            kind = BY_REASON[row.reason].format(service=row.service)
            found[kind] = {"until": row.blocked_until.isoformat()} if row.blocked_until else {}
            found[kind] |= {"family": row.family} if row.family else {}
    return found


def _is_of_services(kind: str) -> bool:
    return kind.partition(":")[0] in {known.partition(":")[0] for known in BY_REASON.values()}


def _is_unproven(kind: str) -> bool:
    """Whether no call has gone through yet: only a success empties the reason, however long ago the block ended."""
    rows = ServiceState.objects.filter(service=kind.partition(":")[2] or "spotify").exclude(reason="")
    # A family is blocked by a quota alone.
    return (rows if kind == "quota" else rows.filter(family="")).exists()
