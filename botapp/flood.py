"""Nobody's flood of messages may starve the others: a limit for each chat, and turns between the chats of a batch."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeVar

ALLOWED = 20  # updates of one chat within
WINDOW = timedelta(seconds=10)
TOLD = timedelta(seconds=60)  # between two words about it
REMEMBERED = 3 * ALLOWED  # updates of a chat
CHATS = 10_000  # remembered at most; the quietest is forgotten first
T = TypeVar("T")


class Verdict(Enum):
    TAKE = "take"
    DROP = "drop"
    TELL = "tell"  # drop, and say so


class _Chat:
    def __init__(self) -> None:
        self.taken: deque[tuple[datetime, int]] = deque(maxlen=REMEMBERED)
        self.told: datetime | None = None


class Flood:
    """What each chat sent lately, in this process's memory. Thread-safe."""

    def __init__(self) -> None:
        self._chats: OrderedDict[int, _Chat] = OrderedDict()
        self._lock = threading.Lock()

    def verdict(self, chat_id: int, update_id: int, at: datetime) -> Verdict:
        """`at`: when it was written, so that what gathered while the bot was away is no flood, however fast it is read.

        An update that is brought again counts once.
        """
        with self._lock:
            chat = self._chats.setdefault(chat_id, _Chat())
            self._chats.move_to_end(chat_id)
            if len(self._chats) > CHATS:
                self._chats.popitem(last=False)
            return _judged(chat, update_id, at)


def _judged(chat: _Chat, update_id: int, at: datetime) -> Verdict:
    if any(known == update_id for _then, known in chat.taken):
        return Verdict.TAKE
    # To both sides, for a press is of now, and a message that is read after it may be of this morning.
    if sum(abs(at - then) < WINDOW for then, _known in chat.taken) < ALLOWED:
        chat.taken.append((at, update_id))
        return Verdict.TAKE
    if chat.told is None or chat.told <= at - TOLD:
        chat.told = at
        return Verdict.TELL
    return Verdict.DROP


def in_turns(updates: Iterable[T], chat_of: Callable[[T], Hashable]) -> list[T]:
    """The first of every chat, then the second of every chat and so on; the order within a chat is kept."""
    seen: dict[Hashable, int] = {}
    rounds: list[tuple[int, T]] = []
    for update in updates:
        chat = chat_of(update)
        seen[chat] = seen.get(chat, -1) + 1
        rounds.append((seen[chat], update))
    return [update for _round, update in sorted(rounds, key=lambda pair: pair[0])]
