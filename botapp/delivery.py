"""One update on its way through the bot: whose it is, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

LARGEST = 2**62  # Telegram's own numbers have at most 52 bits: https://core.telegram.org/bots/api#chat


@dataclass
class Delivery:
    """As Telegram brought it; `keys` are those of the answers, `toast` what a button press is acknowledged with."""

    update_id: int
    chat_id: int
    private: bool
    now: datetime
    written: datetime | None = None  # by Telegram's clock; of a press nobody knows
    name: str = ""  # the sender's, without the @
    first_name: str = ""
    last_name: str = ""
    spoken: str = ""  # the language of his Telegram, like pt-BR
    callback_id: str = ""
    us: str = ""  # the bot's own name, where it is known
    keys: list[str] = field(default_factory=list)
    toast: str = ""

    @property
    def language(self) -> str:
        """For somebody who has not chosen one."""
        return "ru" if self.spoken.lower().partition("-")[0] == "ru" else settings.LANGUAGE_CODE
