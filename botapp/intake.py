"""Takes an update in: what it changes, what is answered and that it was handled are kept in one transaction.

Then the answers are said. A process that dies in between leaves them to the next sender of the outbox, and an update
that comes again changes nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from telebot.types import Update

from accounts.outbox import ROUND, say, send_now
from botapp import bot, people
from botapp.delivery import Delivery
from botapp.flood import Flood, Verdict
from botapp.models import HandledUpdate
from vibe import crash
from vibe.clients.errors import ServiceError
from vibe.clients.meter import Meter
from vibe.clients.telegram_bot import BotClient

logger = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError)
KEPT = timedelta(days=3)
HOUR = timedelta(hours=1)
PATIENCE = 5  # times the database may fail an update, before the update itself is held to be what it fails of


class Intake:
    """One a process: it remembers who said how much lately. Several threads may be in it."""

    def __init__(self, username: str = "") -> None:
        """`username`: the bot's own, which tells in a group whom a command is for."""
        self.username = username
        self._flood = Flood()
        self._failures: Counter[int] = Counter()
        self._forgot: datetime | None = None

    def take(self, update: object, now: datetime, meter: Meter) -> None:
        """Handles the update and answers. Raises OperationalError or InterfaceError where it is to come again."""
        if delivery := self.handle(update, now):
            self.answer(delivery, meter)

    def handle(self, update: object, now: datetime) -> Delivery | None:
        """What there is to answer. Raises as `take` does; whatever else goes wrong is answered too."""
        if (found := bot.read(update, now)) is None:
            return None
        read, delivery = found[0], replace(found[1], us=self.username)
        try:
            _once(delivery, lambda: self._judged(read, delivery))
        except Exception as error:
            if self._may_pass(delivery, error):
                raise
            logger.exception("update=%s was not carried out", delivery.update_id)
            delivery.keys.clear()
            _once(delivery, lambda: _apologize(delivery))
        self._failures.pop(delivery.update_id, None)
        crash.here("update_handled")
        return delivery

    def answer(self, delivery: Delivery, meter: Meter, *, seconds: float = ROUND) -> None:
        """Says what there is to say, and ends the waiting of a pressed button. Raises nothing of Telegram's.

        After so many seconds nothing further is begun: the rest waits for the next sender of the outbox.
        """
        end = meter.monotonic() + seconds
        if settings.TELEGRAM_BOT_TOKEN:
            if delivery.keys:
                send_now(delivery.keys, meter, seconds=seconds)
            if delivery.callback_id and meter.monotonic() <= end:
                _acknowledge(delivery, meter)
        self._forget(delivery.now)

    def _forget(self, now: datetime) -> None:
        """Once an hour, the updates that Telegram itself has long forgotten."""
        if self._forgot is None or now - self._forgot > HOUR:
            self._forgot = now
            HandledUpdate.objects.filter(handled_at__lt=now - KEPT).delete()

    def _judged(self, read: Update, delivery: Delivery) -> None:
        verdict = self._flood.verdict(delivery.chat_id, delivery.update_id, delivery.written or delivery.now)
        if verdict == Verdict.TELL and delivery.private:
            _tell(delivery, "flood", f"flood:{delivery.update_id}", {})
        if verdict == Verdict.TAKE:
            bot.dispatch(read, delivery)

    def _may_pass(self, delivery: Delivery, error: Exception) -> bool:
        """Whether it is the database that is away; one update of which it always fails must not keep the others."""
        if not isinstance(error, AWAY):
            return False
        self._failures[delivery.update_id] += 1
        return self._failures[delivery.update_id] <= PATIENCE


@transaction.atomic
def _once(delivery: Delivery, carry_out: Callable[[], None]) -> None:
    row = {"handled_at": delivery.now}
    if HandledUpdate.objects.get_or_create(update_id=delivery.update_id, defaults=row)[1]:
        carry_out()


def _acknowledge(delivery: Delivery, meter: Meter) -> None:
    try:
        BotClient(settings.TELEGRAM_BOT_TOKEN, meter).answer_callback(delivery.callback_id, delivery.toast)
    except ServiceError as error:
        # It may be too old by now; then nothing waits there any more.
        logger.info("update=%s: its button was not acknowledged (%s)", delivery.update_id, error.code)


def _apologize(delivery: Delivery) -> None:
    if delivery.private:
        _tell(delivery, "error", f"error:{delivery.update_id}", {"update": delivery.update_id})


def _tell(delivery: Delivery, kind: str, key: str, payload: dict[str, object]) -> None:
    say(delivery.chat_id, kind, key, payload | {"language": people.language(delivery)})
    delivery.keys.append(key)
