"""Says in Telegram what waits to be said: at least once, and where a message is there to be edited, once.

A row is written in the transaction of what it tells of, then claimed, said and marked, each with one conditional
UPDATE. A sender that dies leaves its row to the next one after the lease. https://core.telegram.org/bots/api
"""

from __future__ import annotations

import logging
import re
import zlib
from base64 import b64decode
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet

from accounts.messages import SPENT
from accounts.models import Outbox, User
from accounts.screens import rendered
from vibe import crash
from vibe.clients import limiter
from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.errors import not_before as refusing_until
from vibe.clients.meter import Meter
from vibe.clients.telegram import TELEGRAM, TelegramClient
from vibe.clients.types import Clock

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than the longest call with its repeats
# After the first failure, the second and so on; the last one again and again, until the message is stale.
BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3_600, 10_800, 21_600))
ATTEMPTS = len(BACKOFF) + 5  # failures that may pass count up to the last rest; senders that it killed go beyond
STALE = timedelta(days=2)  # what could not be said for so long is noise by now
BAD_TOKEN = timedelta(minutes=15)
LIMIT = 500
CARD = "progress"  # the kind of a run's card
SOON = timedelta(seconds=1)
ROUND = 50.0  # seconds after which no further message is begun: the next call goes on, however slow Telegram is


class _OnItsWay(Exception):
    """Another sender is saying the card at this moment, and soon there is a message to edit."""


def say(
    chat_id: int,
    kind: str,
    key: str,
    payload: dict[str, Any],
    *,
    message_id: int | None = None,
    not_before: datetime | None = None,
) -> bool:
    """Whether this call wrote the message, in the caller's transaction: each `key` is said once.

    `kind` names a template in templates/telegram, `payload` its context. `message_id`: edit that one instead.
    """
    row = {"chat_id": chat_id, "kind": kind, "payload": payload, "message_id": message_id, "not_before": not_before}
    return Outbox.objects.get_or_create(key=key, defaults=row)[1]


def send_due(clock: Clock, limit: int = LIMIT) -> Counter[str]:
    """Says at most `limit` of the messages that are due, the oldest first: how many were sent, dead, again, held.

    Any number of processes may do so at a time. Nothing is said without a token or while Telegram refuses all of us.
    """
    counts: Counter[str] = Counter()
    counts["dead"] = _bury_stale(clock())
    if not settings.TELEGRAM_BOT_TOKEN:
        return +counts
    meter = limiter.opened(clock)
    counts += _send(list(_due(clock()).order_by("pk").values_list("pk", flat=True)[:limit]), meter, ROUND)
    limiter.store(meter)
    return counts


def send_now(keys: Collection[str], meter: Meter, *, seconds: float = ROUND) -> Counter[str]:
    """Says these at once, in the order of their writing; what cannot be said now waits for `send_due`.

    None is begun after so many seconds. The caller shares what the meter learnt.
    """
    due = _due(meter.clock()).filter(key__in=keys)
    return _send(list(due.order_by("pk").values_list("pk", flat=True)), meter, seconds)


def _send(rows: Iterable[int], meter: Meter, seconds: float) -> Counter[str]:
    counts: Counter[str] = Counter()
    end = meter.monotonic() + seconds
    client = TelegramClient(settings.TELEGRAM_BOT_TOKEN, meter)
    for pk in rows:
        if counts["held"] or meter.monotonic() > end or _is_held(meter):
            break
        if row := _claimed(pk, meter.clock()):
            counts[_carry_out(row, client, meter)] += 1
    return counts


def _due(now: datetime) -> QuerySet[Outbox]:
    waiting = Q(status=Outbox.Status.PENDING) & (Q(not_before=None) | Q(not_before__lte=now))
    broken_off = Q(status=Outbox.Status.SENDING, lease_until__lte=now)
    return Outbox.objects.filter(waiting | broken_off)


def _bury_stale(now: datetime) -> int:
    long_ago = now - STALE
    # Not one that was meant for later from the start.
    meant = Q(not_before=None) | Q(not_before__lt=long_ago) | Q(attempts__gt=0)
    stale = _due(now).filter(meant, created_at__lt=long_ago)
    count = stale.update(status=Outbox.Status.DEAD, error_code="stale")
    if count:
        for row in Outbox.objects.filter(status=Outbox.Status.DEAD, payload__has_any_keys=SPENT):
            Outbox.objects.filter(pk=row.pk).update(payload=row.lasting)
        logger.warning("outbox: %d messages were given up, code=stale", count)
    return count


def _is_held(meter: Meter) -> bool:
    """Whether Telegram refuses everybody, as far as any process knows."""
    limiter.load(meter)
    try:
        meter.refuse_blocked(TELEGRAM)
    except RateLimited:
        return True
    return False


def _claimed(pk: int, now: datetime) -> Outbox | None:
    """The row, ours until its lease ends; None where another sender was quicker."""
    lease = now + LEASE
    changes = {"status": Outbox.Status.SENDING, "lease_until": lease, "attempts": F("attempts") + 1}
    if not _due(now).filter(pk=pk).update(**changes):
        return None
    return Outbox.objects.filter(pk=pk, lease_until=lease).first()


def _settle(row: Outbox, status: Outbox.Status, **changes: Any) -> None:
    # The end of the lease is the fence: whoever took the row over has a later one.
    ours = Outbox.objects.filter(pk=row.pk, status=Outbox.Status.SENDING, lease_until=row.lease_until)
    if not ours.update(status=status, lease_until=None, **changes):
        logger.warning("outbox=%s was taken over by another sender", row.pk)


def _carry_out(row: Outbox, client: TelegramClient, meter: Meter) -> str:
    """What became of a claimed row: sent, dead, again (later), or held (with all the others; costs no attempt)."""
    user = User.objects.filter(telegram_chat_id=row.chat_id).first()
    if code := _no_use(row, user):
        return _dead(row, code)
    try:
        message_id = _said(row, user, client, meter.clock())
    except _OnItsWay:
        _settle(row, Outbox.Status.PENDING, attempts=F("attempts") - 1, not_before=meter.clock() + SOON)
        return "again"
    except ServiceError as error:
        outcome = _failed(row, error, meter)
    except Exception:
        # A text that cannot be made must not keep the other messages from being said.
        logger.exception("outbox=%s kind=%s could not be said", row.pk, row.kind)
        outcome = _again(row, "internal", meter.clock())
    else:
        crash.here("message_sent")
        _settle(row, Outbox.Status.SENT, message_id=message_id, error_code="", payload=row.lasting)
        return "sent"
    # At once, so that the other senders hold back too.
    limiter.store(meter)
    return outcome


def _said(row: Outbox, user: User | None, client: TelegramClient, now: datetime) -> int:
    """The id of the message. Raises ServiceError."""
    html, markup = rendered(row, user, now)
    crash.here("message_sending")
    if content := row.payload.get("file"):
        return client.send_document(row.chat_id, row.payload["name"], zlib.decompress(b64decode(content)), html)
    if message_id := row.message_id or _card(row, now):
        try:
            client.edit_message(row.chat_id, message_id, html, markup=markup)
            return message_id
        except ServiceError as error:
            if error.code != "message_gone":
                raise
    return client.send_message(row.chat_id, html, markup=markup, silent=bool(row.payload.get("silent")))


def _card(row: Outbox, now: datetime) -> int | None:
    """The message in which somebody watches the run: whatever else is said of it takes its place."""
    run = re.match(r"run:\d+:", row.key)
    if run is None or row.kind == CARD:  # a card is a message of its own, also where the run had one before
        return None
    cards = Outbox.objects.filter(key__startswith=run[0], kind=CARD, chat_id=row.chat_id)
    if cards.filter(status=Outbox.Status.SENDING, lease_until__gt=now).exists():
        raise _OnItsWay
    return cards.filter(status=Outbox.Status.SENT).order_by("-pk").values_list("message_id", flat=True).first()


def _no_use(row: Outbox, user: User | None) -> str:
    """Why the message is not to be said at all, as a code; empty for nothing against it."""
    if row.attempts > ATTEMPTS:
        return "worn_out"  # it kept killing its senders
    if user and user.is_bot_blocked:
        return "blocked"
    return "superseded" if _is_superseded(row) else ""


def _is_superseded(row: Outbox) -> bool:
    """Whether there is a newer word for the same place or on the same run."""
    same = Q(message_id=row.message_id) if row.message_id else Q(pk__in=[])
    if run := re.match(r"run:\d+:", row.key):
        same |= Q(key__startswith=run[0])
    later = Outbox.objects.filter(same, chat_id=row.chat_id, pk__gt=row.pk)
    return later.exclude(status=Outbox.Status.DEAD).exists()


def _failed(row: Outbox, error: ServiceError, meter: Meter) -> str:
    if isinstance(error, RateLimited):
        return _held(row)
    if error.code == "bad_token":
        logger.error("telegram refuses TELEGRAM_BOT_TOKEN; the next try is in %s", BAD_TOKEN)
        meter.block(refusing_until(TELEGRAM, meter.clock() + BAD_TOKEN, error.code))
        return _held(row)
    if not error.permanent:
        return _again(row, error.code, meter.clock())
    if error.code == "blocked":
        User.objects.filter(telegram_chat_id=row.chat_id).update(is_bot_blocked=True)
    return _dead(row, error.code)


def _held(row: Outbox) -> str:
    _settle(row, Outbox.Status.PENDING, attempts=F("attempts") - 1)
    return "held"


def _again(row: Outbox, code: str, now: datetime) -> str:
    logger.info("outbox=%s kind=%s is tried again, code=%s", row.pk, row.kind, code)
    failures = min(row.attempts, len(BACKOFF))
    again = {"attempts": failures, "not_before": now + BACKOFF[failures - 1], "error_code": code}
    _settle(row, Outbox.Status.PENDING, **again)
    return "again"


def _dead(row: Outbox, code: str) -> str:
    logger.warning("outbox=%s kind=%s is given up, code=%s", row.pk, row.kind, code)
    _settle(row, Outbox.Status.DEAD, error_code=code, payload=row.lasting)
    return "dead"
