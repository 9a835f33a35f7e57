from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from botapp import menu, webhook
from botapp.ending import Asked, Ending
from botapp.loop import GivesUp, Loop
from botapp.presence import Presence
from vibe.clients.errors import ServiceError
from vibe.clients.models import ServiceState
from vibe.clients.telegram import TELEGRAM

logger = logging.getLogger(__name__)
MISSING = (
    "TELEGRAM_BOT_TOKEN is missing. In Telegram, write /newbot to @BotFather; he asks for a name and answers with a "
    "token. Put it into .env as TELEGRAM_BOT_TOKEN=…, then start again."
)


class Command(BaseCommand):
    help = "Answers listeners in Telegram until it is stopped; with TELEGRAM_MODE=webhook, only tells Telegram where."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="answer what waits now, then end")

    def handle(self, **options: Any) -> None:
        if not settings.TELEGRAM_BOT_TOKEN:
            raise CommandError(MISSING)
        ending = Ending()
        ending.listen()
        try:
            if settings.TELEGRAM_MODE == "webhook":
                register(ending)
            else:
                poll(ending, once=options["once"])
        except GivesUp as why:
            raise CommandError(str(why)) from None
        except ServiceError as error:
            raise CommandError(f"Telegram can't be used now: {error}") from None
        except Asked:
            logger.info("bot: stopped")


def poll(ending: Ending, *, once: bool) -> None:
    presence = Presence()
    if other := presence.claim(timezone.now()):
        raise GivesUp(f"A runbot is at work already ({other}), and only one may ask Telegram for updates.")
    loop = Loop(timezone.now, ending, presence=presence)
    try:
        begin(loop)
        loop.once() if once else loop.run()
    finally:
        loop.finish()
    logger.info("bot: stopped")


def begin(loop: Loop) -> None:
    """Finds out who we are, takes the updates to ourselves and shows the commands."""
    introduce(loop)
    loop.patiently(lambda: take_back(loop))
    loop.patiently(lambda: show_commands(loop))
    logger.info("bot: started", extra={"bot": loop.intake.username, "mode": settings.TELEGRAM_MODE})


def introduce(loop: Loop) -> None:
    def ask() -> None:
        with loop.ending.waiting():
            loop.intake.username = loop.client.get_me()

    loop.patiently(ask)
    # The token is good now, whatever it was a while ago.
    refused = ServiceState.objects.filter(service=TELEGRAM, reason="bad_token")
    refused.update(blocked_until=None, reason="")


def take_back(loop: Loop) -> None:
    with loop.ending.waiting():
        if url := loop.client.webhook():
            host = urlsplit(url).hostname
            logger.warning("bot: deletes the webhook, since TELEGRAM_MODE is polling", extra={"host": host})
            loop.client.delete_webhook()


def register(ending: Ending) -> None:
    """Tells Telegram where to bring the updates; the web processes do the rest."""
    loop = Loop(timezone.now, ending)
    introduce(loop)
    loop.patiently(lambda: loop.client.set_webhook(webhook.address(), webhook.secret()))
    loop.patiently(lambda: show_commands(loop))
    loop.finish()
    logger.info("bot: webhook registered", extra={"url": webhook.address()})


def show_commands(loop: Loop) -> None:
    try:
        menu.tell(loop.client)
    except ServiceError as error:
        if not error.permanent:
            raise
        logger.error("bot: Telegram does not take the list of commands (%s)", error.code)
