"""One examination: what it may do, and what its checks learn for each other."""

from __future__ import annotations

import signal
import time
from functools import cached_property

from django.conf import settings
from django.core.checks import CheckMessage, run_checks

from accounts.models import SpotifyAccount
from vibe.clients import limiter
from vibe.clients.errors import INSTALLATION, ServiceError
from vibe.clients.lastfm import LastfmClient
from vibe.clients.listenbrainz import ListenbrainzClient
from vibe.clients.meter import Meter
from vibe.clients.models import ServiceState
from vibe.clients.spotify import SpotifyClient
from vibe.clients.telegram_bot import BotClient
from vibe.clients.types import Album, Clock, Track


class TimeIsUp(BaseException):
    """Raised into the check that is being made, by a signal."""


class Exam:
    """For one thread. `user`: whose account is tried (as `Users.find` takes it); "" for the first that works.

    `seconds`: for all checks, a third of them for each; 0 for no limit. Others need a process of its own, whose SIGALRM
    is handled by `late`.
    """

    def __init__(
        self, clock: Clock, *, user: str = "", calls: bool = True, write: bool = False, seconds: float = 0
    ) -> None:
        self.clock, self.user, self.calls, self.write = clock, user, calls, write
        self.seconds, self._ends = seconds, time.monotonic() + seconds
        self.checks_failed: Exception | None = None
        self.is_over = self.is_looking = False
        self.app: SpotifyClient | None = None
        self.listener: SpotifyClient | None = None
        self.account: SpotifyAccount | None = None
        self.track: Track | None = None
        self.album: Album | None = None
        self.probe = ""  # the name of the playlist that was made, as long as it may be there
        self.probe_id = ""
        self.skews: dict[str, float] = {}  # seconds by which ours is ahead, by service

    def stop(self, *_: object) -> None:
        """Breaks off the check that is being made and lets none begin; also the handler of a signal."""
        self.is_over = True
        if self.is_looking:
            raise TimeIsUp

    def begin(self, grace: float = 0.001) -> None:
        """A check is made from here on; it has `grace` seconds at least, even where the time is up."""
        if self.seconds:
            left = max(self._ends - time.monotonic(), grace)
            signal.setitimer(signal.ITIMER_REAL, min(left, self.seconds / 3))
        self.is_looking = True

    def late(self, *_: object) -> None:
        self.is_over = self.is_over or time.monotonic() >= self._ends
        if self.is_looking:
            raise TimeIsUp

    @cached_property
    def meter(self) -> Meter:
        """Knows what other processes met, but for faults of the installation: whether those are mended is asked."""
        meter = limiter.opened(self.clock)
        meter.blocks = {key: met for key, met in meter.blocks.items() if met.code not in INSTALLATION}
        return meter

    @cached_property
    def complaints(self) -> list[CheckMessage]:
        """Of the system checks; those for production only where the address says that this is one.

        None where a check itself fails, which is then `checks_failed`.
        """
        try:
            found = run_checks(include_deployment_checks=settings.HTTPS)
        except Exception as error:  # noqa: BLE001  told by the row of the settings, and by it alone
            self.checks_failed = error
            return []
        return [one for one in found if not one.is_silenced()]

    @property
    def web(self) -> SpotifyClient:
        """The listener's if there is one, and otherwise the app's own, which opens the catalogue alone."""
        client = self.listener or self.app
        assert client is not None  # noqa: S101  spotify_credentials went well
        return client

    @property
    def bot(self) -> BotClient:
        return BotClient(settings.TELEGRAM_BOT_TOKEN, self.meter)

    @cached_property
    def first_call(self) -> ServiceError | None:
        """How the first call of the Web API went, by which three rows are told apart."""
        try:
            if self.listener:
                self.listener.me()
            else:
                self.web.search_tracks("love")
        except ServiceError as error:
            return error
        return None

    @cached_property
    def lastfm_call(self) -> ServiceError | None:
        try:
            LastfmClient(settings.LASTFM_API_KEY, self.meter).similar_tracks("Radiohead", "Creep", limit=5)
        except ServiceError as error:
            return error
        return None

    @cached_property
    def radio_call(self) -> ServiceError | None:
        """With the token, where there is one."""
        try:
            ListenbrainzClient(self.meter).artist_radio("a74b1b7f-71a5-4011-9441-d0b5e4122711", 1, 1)
        except ServiceError as error:
            return error
        return None

    def lift(self, service: str, *codes: str) -> None:
        """What was refused works again: nobody need wait for the end of its hour."""
        blocked = ServiceState.objects.filter(service=service, family="", reason__in=codes)
        blocked.update(blocked_until=None, reason="")
