"""Everything a running sandbox remembers, in memory; whoever touches it holds `lock`."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vibe.sandbox.brainz import Brainz
from vibe.sandbox.deezer_catalogue import Deezer
from vibe.sandbox.discography import Discography, derive, identifier
from vibe.sandbox.faults import Faults
from vibe.sandbox.limits import Limits
from vibe.sandbox.names import Names
from vibe.sandbox.search import Catalogue
from vibe.sandbox.telegram_state import Telegram
from vibe.sandbox.world import Artist, Like, Listener, Play, World

CODE_LIFE = timedelta(minutes=10)
ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=182)  # "six months after consent", and refreshing does not extend it
CALLS_KEPT = 200_000  # the newest; a long soak must not fill the memory


def real_now() -> datetime:
    return datetime.now(UTC)


class Clock:
    """The sandbox's time: the real one until it is set, and running on from there."""

    def __init__(self, real: Callable[[], datetime] = real_now) -> None:
        self._real, self._offset = real, timedelta()

    def now(self) -> datetime:
        return self._real() + self._offset

    def set(self, moment: datetime) -> None:
        self._offset = moment - self._real()


@dataclass(slots=True)
class Entry:
    track_id: str
    added_at: datetime


@dataclass(slots=True)
class Playlist:
    id: str
    owner: Account
    name: str
    description: str
    public: bool
    collaborative: bool
    created_at: datetime
    entries: list[Entry] = field(default_factory=list)
    version: int = 1
    cover: str = ""  # base64 JPEG
    hidden_until: datetime | None = None
    hidden_lists: int = 0  # how many more times /me/playlists leaves it out

    @property
    def snapshot_id(self) -> str:
        return identifier(f"snapshot {self.id} {self.version}")

    @property
    def uri(self) -> str:
        return f"spotify:playlist:{self.id}"


@dataclass(slots=True)
class Account:
    """What one listener has at the pretend Spotify; a copy, the world stays as it was read."""

    id: str
    name: str
    country: str
    likes: list[Like]
    plays: list[Play]
    listener: Listener
    playlists: list[Playlist] = field(default_factory=list)  # followed ones, newest first
    artists: list[Artist] = field(default_factory=list)  # followed ones


@dataclass(slots=True, frozen=True)
class Grant:
    """A consent: who let which client do what, and when."""

    account: Account
    client_id: str
    scopes: frozenset[str]
    at: datetime
    redirect_uri: str


@dataclass(slots=True, frozen=True)
class Access:
    account: Account | None  # None for a client-credentials token
    scopes: frozenset[str]
    expires_at: datetime


class Sandbox:
    """One sandbox: its world, its mode and all that was done to it."""

    def __init__(
        self, world: World, *, extended: bool = False, latency: float = 0.0, clock: Clock | None = None
    ) -> None:
        self.world, self.extended, self.latency = world, extended, latency
        self.clock = clock or Clock()
        self.lock = threading.RLock()
        self.discography: Discography = derive(world)
        self.catalogue = Catalogue(world, self.discography)
        self.names = Names(world)
        self.brainz = Brainz(world)
        self.deezer = Deezer(world, self.discography)
        self.faults = Faults()
        self.limits = Limits()
        self.calls: deque[dict[str, Any]] = deque(maxlen=CALLS_KEPT)
        self.messages: list[dict[str, Any]] = []  # what the bot said, in all chats
        self.telegram = Telegram(self.lock)
        self.accounts = {one.id: _account(one) for one in world.listeners.values()}
        self.playlists: dict[str, Playlist] = {}
        self.codes: dict[str, Grant] = {}
        self.refreshes: dict[str, Grant] = {}
        self.accesses: dict[str, Access] = {}

    def issue_access(self, account: Account | None, scopes: frozenset[str], life: timedelta = ACCESS_LIFE) -> str:
        token = secrets.token_urlsafe(32)
        self.accesses[token] = Access(account, scopes, self.clock.now() + life)
        return token

    def issue_refresh(self, grant: Grant) -> str:
        token = secrets.token_urlsafe(48)
        self.refreshes[token] = grant
        return token

    def issue_code(self, grant: Grant) -> str:
        code = secrets.token_urlsafe(32)
        self.codes[code] = grant
        return code

    def add_crowd(self, count: int, like: Account) -> list[Account]:
        """So many new listeners, `load0001` and on, with the likes and plays that another one has now."""
        first = sum(key.startswith("load") for key in self.accounts) + 1
        crowd = [_like(like, f"load{number:04}") for number in range(first, first + count)]
        self.accounts |= {one.id: one for one in crowd}
        return crowd

    def new_playlist(self, owner: Account, name: str, description: str, public: bool, collaborative: bool) -> Playlist:
        key = identifier(f"playlist {len(self.playlists) + 1}")
        playlist = Playlist(key, owner, name, description, public, collaborative, self.clock.now())
        self.playlists[key] = playlist
        owner.playlists.insert(0, playlist)
        return playlist


def _like(other: Account, key: str) -> Account:
    return replace(
        other, id=key, name=key, likes=[*other.likes], plays=[*other.plays], playlists=[], artists=[*other.artists]
    )


def _account(listener: Listener) -> Account:
    return Account(
        listener.id,
        listener.name,
        listener.country,
        list(listener.likes),
        list(listener.plays),
        listener,
        artists=list(listener.top_artists[:20]),
    )
