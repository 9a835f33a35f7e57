"""Asks Telegram for updates and takes them in, one batch after another, until the process is asked to end.

A batch is acknowledged by asking for the next one, so what a killed process had not handled comes again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Count, Min, Q

from accounts.models import Outbox
from accounts.outbox import send_due
from botapp.ending import Asked, Ending
from botapp.flood import in_turns
from botapp.intake import AWAY, Intake
from botapp.presence import CONFLICT, Presence
from vibe.clients import limiter
from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.models import Heartbeat
from vibe.clients.telegram_bot import BotClient
from vibe.clients.types import Clock

logger = logging.getLogger(__name__)
LONG = 25  # seconds; all intervals here
SOON = 2  # the poll while something waits to be said
AGAIN = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # until the next try, after the first failure in a row, the second and so on
SHARED = 2.0  # between two times that other processes are told what the calls met
BEAT = 15.0
SETTLED = 60.0  # who has polled so long was there first
CONFLICTS = 5  # in a row
SAY = 20  # messages of others between two polls


class GivesUp(Exception):
    """Nothing more can be done here; the text is for the operator."""


class Loop:
    """For the main thread. `rest` is what is done with the database before a wait."""

    def __init__(
        self,
        clock: Clock,
        ending: Ending,
        *,
        presence: Presence | None = None,
        rest: Callable[[], None] = connections.close_all,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock, self.ending, self._rest, self._monotonic = clock, ending, rest, monotonic
        self.presence, self.intake = presence, Intake()
        self.offset = 0
        self._meter = limiter.opened(clock)
        self._born = self._shared = self._beaten = monotonic()
        self._failures = self._conflicts = 0

    @property
    def client(self) -> BotClient:
        return BotClient(settings.TELEGRAM_BOT_TOKEN, self._meter)

    def run(self) -> None:
        """Until SIGTERM or SIGINT. Raises GivesUp."""
        try:
            while not self.ending.asked:
                self.patiently(lambda: self.round(self._until_due()))
        except Asked:
            pass

    def once(self) -> None:
        """What waits now. Raises ServiceError or GivesUp."""
        while self.round(0):
            pass
        self._say_due()

    def round(self, seconds: int) -> int:
        """One poll, and the batch it brought: how many updates."""
        self._beat()
        self._rest()
        with self.ending.waiting():
            updates = self.client.get_updates(self.offset, seconds)
        self._conflicts = 0
        self._handle(updates)
        self._share()
        return len(updates)

    def patiently(self, step: Callable[[], object]) -> None:
        """The step, again and again until it goes well. Raises GivesUp or Asked."""
        while True:
            try:
                step()
            except ServiceError as error:
                pause = self._pause(error)
            except AWAY as error:
                self._failures += 1
                pause = _again(self._failures)
                logger.error("bot: the database failed (%s), again in %g s", type(error).__name__, pause)
                self._rest()
            else:
                self._failures = 0
                return
            self.ending.sleep(pause)

    def finish(self) -> None:
        """Tells Telegram and the other processes how far we came."""
        to_say = self.ending.asked and self.offset  # otherwise the last poll has said it
        self.ending.done()
        try:
            if to_say:
                self.client.acknowledge(self.offset)
        except ServiceError as error:
            logger.info("bot: the last updates will come again (%s)", error.code)
        try:
            limiter.store(self._meter)
            if self.presence:
                self.presence.leave()
        except AWAY as error:
            logger.warning("bot: the database failed (%s)", type(error).__name__)

    def _handle(self, updates: list[dict[str, Any]]) -> None:
        left = {update["update_id"] for update in updates}
        after = max(left, default=self.offset - 1) + 1
        try:
            for update in in_turns(updates, chat_of):
                if self.ending.asked:
                    return
                self._take(update)
                left.discard(update["update_id"])
        finally:
            # What was not handled comes again, and with it what came later: that is then known.
            self.offset = min(left, default=after)

    def _take(self, update: dict[str, Any]) -> None:
        try:
            self.intake.take(update, self.clock(), self._meter)
        except AWAY:
            raise
        except Exception:
            # It was not even possible to say that it failed; the others must not wait for it.
            logger.exception("update=%s is given up", update["update_id"])
        if self._monotonic() - self._beaten > BEAT:
            self._beat()

    def _pause(self, error: ServiceError) -> float:
        """Seconds until the next try. Raises GivesUp."""
        if error.code in HOPELESS:
            raise GivesUp(HOPELESS[error.code])
        if error.code in {"conflict", "webhook_set"}:
            self._conflicts += 1
            with suppress(*AWAY):
                Heartbeat.objects.update_or_create(name=CONFLICT, defaults={"at": self.clock()})
            if self._conflicts >= CONFLICTS or self._monotonic() - self._born < SETTLED:
                raise GivesUp(SECOND if error.code == "conflict" else WEBHOOK)
        self._failures += 1
        pause = _again(self._failures)
        if isinstance(error, RateLimited):
            self._meter.block(error)
            pause = max(pause, (error.until - self.clock()).total_seconds())
        logger.warning("bot: Telegram gave no updates (%s), again in %g s", error.code, pause)
        return pause

    def _beat(self) -> None:
        self._beaten = self._monotonic()
        if self.presence and not self.presence.beat(self.clock()):
            raise GivesUp(REPLACED)

    def _until_due(self) -> int:
        """Says what waits to be said; seconds until there is more of it, at most a long poll."""
        soonest = self._soonest()
        if soonest and soonest <= self.clock():
            self._say_due()
            soonest = self._soonest()
        if soonest is None:
            return LONG
        return max(SOON, min(LONG, int((soonest - self.clock()).total_seconds())))

    def _say_due(self) -> None:
        limiter.store(self._meter)
        send_due(self.clock, SAY)

    def _soonest(self) -> datetime | None:
        pending, sending = Q(status=Outbox.Status.PENDING), Q(status=Outbox.Status.SENDING)
        found = Outbox.objects.filter(pending | sending).aggregate(
            now=Count("pk", filter=pending & Q(not_before=None)),
            later=Min("not_before", filter=pending),
            broken_off=Min("lease_until", filter=sending),
        )
        moments = [moment for moment in (found["later"], found["broken_off"]) if moment]
        return self.clock() if found["now"] else min(moments, default=None)

    def _share(self) -> None:
        """What the calls met, now and then: a write for every message would be the slowest part of it."""
        if self._monotonic() - self._shared < SHARED:
            return
        self._shared = self._monotonic()
        limiter.store(self._meter)
        # A new one, so that a block that somebody lifted is forgotten here too.
        self._meter = limiter.opened(self.clock)


def chat_of(update: dict[str, Any]) -> object:
    """The chat's number, as far as it can be told of what has not been read yet."""
    for kind in ("message", "callback_query", "my_chat_member"):
        part = update.get(kind)
        if kind == "callback_query" and isinstance(part, dict):
            part = part.get("message")
        if isinstance(part, dict) and isinstance(part.get("chat"), dict):
            return str(part["chat"].get("id"))
    return None


def _again(failures: int) -> float:
    return AGAIN[min(failures, len(AGAIN)) - 1]


HOPELESS = {
    "bad_token": "Telegram refuses TELEGRAM_BOT_TOKEN. Copy it again from @BotFather (/mybots, API Token).",
    "bad_request": "Telegram does not take what it was told; PUBLIC_URL must be an address that it can reach.",
}
SECOND = (
    "Another program asks Telegram for this bot's updates (409). Stop it: only one may. "
    "If you know of none, take a new token from @BotFather (/revoke)."
)
WEBHOOK = (
    "Another program has set a webhook for this bot (409). Stop it, or set TELEGRAM_MODE=webhook here; "
    "if you know of none, take a new token from @BotFather (/revoke)."
)
REPLACED = "Another runbot took over, for this one was silent for a minute. It ends, so that only one is there."
