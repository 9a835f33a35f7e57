"""What the stand-in for Telegram remembers: chats with both sides' messages, updates for the bot, its commands."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

KEPT = 50_000  # the newest updates and calls; a long soak must not fill the memory
NOT_UNLESS_ASKED_FOR = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
Row = dict[str, Any]


@dataclass(slots=True)
class Chat:
    """One chat. `rows`: what both sides wrote, by message id, deleted ones too."""

    id: int
    kind: str = "private"  # or "group"
    name: str = ""
    username: str = ""
    language: str = ""
    is_known: bool = False  # somebody wrote from there, or stands at the page
    blocked: bool = False
    rows: dict[int, Row] = field(default_factory=dict)
    toasts: list[dict[str, Any]] = field(default_factory=list)
    action: tuple[str, float] | None = None  # what the bot is doing, and when it was said
    version: int = 0


@dataclass(slots=True)
class Upload:
    """A file that came with a call, or that it named."""

    name: str
    kind: str
    content: bytes


@dataclass(slots=True)
class Webhook:
    url: str
    secret: str = ""
    most: int = 40
    last_error: tuple[int, str] | None = None


class Inbox:
    """The updates of the bot. Whoever touches it holds the lock of the sandbox; waiting at `changed` lets go of it."""

    def __init__(self, lock: threading.RLock) -> None:
        self.changed = threading.Condition(lock)
        self.waiting: deque[Row] = deque()
        self.again: deque[Row] = deque()
        self.emitted: deque[Row] = deque(maxlen=KEPT)
        self.allowed: frozenset[str] | None = None
        self.webhook: Webhook | None = None
        self.poll = 0  # which getUpdates is the newest
        # A bot remembers what it handled: those of the next sandbox must be new to it.
        self._last_id = int(time.time() * 100)

    def put(self, kind: str, content: Row) -> int | None:
        """The id of the new update; None where the bot does not want this kind."""
        if kind in NOT_UNLESS_ASKED_FOR if self.allowed is None else kind not in self.allowed:
            return None
        self._last_id += 1
        update = {"update_id": self._last_id, kind: content}
        self.waiting.append(update)
        self.emitted.append(update)
        self.changed.notify_all()
        return self._last_id

    def put_again(self, update_id: int) -> bool:
        """Whether there was one to be delivered a second time."""
        update = next((one for one in self.emitted if one["update_id"] == update_id), None)
        if update is None:
            return False
        self.again.append(update)
        self.changed.notify_all()
        return True

    def acknowledge(self, offset: int) -> None:
        """Forgets what is older than `offset`; a negative one counts from the end."""
        if offset < 0:
            offset = self.waiting[offset]["update_id"] if -offset <= len(self.waiting) else 0
        while self.waiting and self.waiting[0]["update_id"] < offset:
            self.waiting.popleft()

    def ready(self, limit: int) -> list[Row]:
        twice = [self.again.popleft() for _ in range(min(limit, len(self.again)))]
        return twice + list(self.waiting)[: limit - len(twice)]


class Telegram:
    def __init__(self, lock: threading.RLock) -> None:
        self.inbox = Inbox(lock)
        self.calls: deque[Row] = deque(maxlen=KEPT)
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, Upload] = {}
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}  # by scope and language
        self.about: dict[tuple[str, str], str] = {}  # by kind and language
        self.presses: dict[str, int] = {}  # those that wait for their answer: id -> chat
        self.pressed = 0
        self.bot_id = 123456
        self.here = 0  # who was at the page last
        self._version = 0

    def bot(self) -> dict[str, Any]:
        return {"id": self.bot_id, "is_bot": True, "first_name": "Daily Vibe", "username": "sandbox_bot"}

    def chat(self, key: int) -> Chat:
        if key not in self.chats:
            self.chats[key] = Chat(key, "private" if key > 0 else "group")
        return self.chats[key]

    def touch(self, chat: Chat, row: Row | None = None) -> None:
        """Whoever looks at the chat has something new to see."""
        self._version += 1
        chat.version = self._version
        if row is not None:
            row["version"] = self._version

    def add(self, chat: Chat, row: Row) -> Row:
        """A new message with the next id of the chat."""
        row = {"message_id": len(chat.rows) + 1, "chat_id": chat.id} | row
        chat.rows[row["message_id"]] = row
        self.touch(chat, row)
        return row
