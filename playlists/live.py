"""A run as the person who asked for it sees it: his card goes through the steps with what they have brought so far.

It is of no use later, so whatever hinders it ends it, and the run never waits for more than one short call.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings

from accounts.models import Outbox
from accounts.outbox import CARD
from accounts.screens import rendered
from playlists.generate import silent
from playlists.models import PlaylistRun
from playlists.notify import card_key
from playlists.states import Trigger
from recommendations.recommend import Progress
from vibe.clients import limiter
from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.models import ServiceState
from vibe.clients.telegram import TELEGRAM, TelegramClient
from vibe.clients.types import Clock

logger = logging.getLogger(__name__)

GAP = 1.5  # seconds between two edits within a step
CROWDED = timedelta(seconds=1)  # with more to be said by others than fits into this, they come first
# What the card calls the steps of `playlists.journal`; it does not show the others.
STEPS = {
    "connecting": "library",
    "library": "library",
    "plays": "library",
    "asking": "asking",
    "candidates": "candidates",
    "selecting": "selecting",
    "resolving": "selecting",
    "writing": "writing",
}
NO_SOURCES = ("found", "candidates")


def watched(run: PlaylistRun, clock: Clock) -> Progress:
    """The progress of a run that was asked for in the bot; of any other, the silent one."""
    if run.trigger != Trigger.BOT or not run.user.telegram_chat_id or not settings.TELEGRAM_BOT_TOKEN:
        return silent
    return Live(run, clock)


class Live:
    """Edits the run's card; where there is none (yet), nothing. In the run's main thread only."""

    def __init__(self, run: PlaylistRun, clock: Clock) -> None:
        self.run, self.clock = run, clock
        self.meter = limiter.opened(clock)
        self.client = TelegramClient(settings.TELEGRAM_BOT_TOKEN, self.meter)
        self.facts: dict[str, Any] = {"run": run.pk, "preview": run.dry_run, "step": ""}
        self.over, self.edited = False, 0.0

    def __call__(self, step: str, **counts: Any) -> None:
        if self.over or step not in STEPS:
            return
        is_new = STEPS[step] != self.facts["step"]
        self.facts |= {"step": STEPS[step], **_told(step, counts)}
        if is_new or self.meter.monotonic() - self.edited >= GAP:
            self._show()

    def _show(self) -> None:
        """Ends the display at the first trouble, whatever it is."""
        try:
            limiter.load(self.meter)
            if not self._is_crowded():
                self._edit()
                limiter.store(self.meter)
        except ServiceError as error:
            self._end(error.code)
            if isinstance(error, RateLimited):
                self.meter.block(error)
                limiter.store(self.meter)
        except Exception as error:  # noqa: BLE001 - the run is what counts
            self._end(type(error).__name__)

    def _edit(self) -> None:
        card = Outbox.objects.filter(key=card_key(self.run), status=Outbox.Status.SENT).first()
        if card is None or card.message_id is None:
            return
        screen = Outbox(kind=CARD, chat_id=card.chat_id, payload=self.facts)
        html, markup = rendered(screen, self.run.user, self.clock())
        self.edited = self.meter.monotonic()
        self.client.edit_once(card.chat_id, card.message_id, html, markup=markup)

    def _is_crowded(self) -> bool:
        """Whether its turn would be long in coming."""
        soon = self.clock() + CROWDED
        return ServiceState.objects.filter(service=TELEGRAM, family="", permits_at__gt=soon).exists()

    def _end(self, code: str) -> None:
        self.over = True
        logger.info("run=%s is not shown live any more, code=%s", self.run.pk, code)


def _told(step: str, counts: dict[str, Any]) -> dict[str, Any]:
    """What the card keeps of a step."""
    match step:
        case "plays":
            return {"likes": counts["likes"]}
        case "candidates":
            found = [{"name": name, "found": count} for name, count in counts.items() if name not in NO_SOURCES]
            return {"candidates": counts["candidates"], "sources": found}
        case "resolving":
            return {"names": counts["names"]}
        case "writing":
            return {"tracks": counts["tracks"]}
    return {}
