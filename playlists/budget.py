"""What a run may spend at Spotify, decided before its first call there: a fair share of what is left of the day.

docs/quota.md tells the reasons and gives examples.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import SpotifyAccount, User
from playlists.models import PlaylistRun
from playlists.states import LEASE, Status
from recommendations import library, listen
from recommendations.converse import Budget
from recommendations.models import LibraryState
from vibe.clients import quota
from vibe.clients.errors import QuotaExceeded
from vibe.clients.models import ServiceState
from vibe.clients.quota import TOTAL

FIRST_RUN_CALLS = 60  # to Spotify in all, the library's pages included
DAILY_CALLS = 30
LASTFM_CALLS = 160  # 40 seeds, as many candidates, 30 artists near and 15 of his, their tags, and what a wish asks
# Calls a run of each service whose limit is no listener's share. MusicBrainz is asked once a second, and only about
# ISRCs it was never asked about: twenty a run do not keep anybody waiting, and the next run has the next twenty.
OTHERS = {"lastfm": LASTFM_CALLS, "listenbrainz": 60, "listenbrainz_labs": 60, "musicbrainz": 20}
OTHERS |= {"deezer": 100, "reccobeats": 8}  # ten artists, forty near them; all the seeds, five a call
PLAYS_CALLS = 1
WRITE_CALLS = 4  # create, fill, read back, and one to mend
TIDY_LISTS = 1  # old playlists a run takes away: as many as it makes
TIDY_CALLS = 3 * TIDY_LISTS  # is it still there, is it as we left it, away with it
LEAST_CALLS = 1 + PLAYS_CALLS + WRITE_CALLS + TIDY_CALLS  # a page of likes, and all else from the caches
# Kept back for a list that comes later: its least, and a reading of plays that comes early.
HELD_CALLS = LEAST_CALLS + 1
KNOWN_LIBRARY_PAGES = 2  # enough for a library that was read before; what is over waits for the next run
LIBRARY_SHARE = 4  # at most a quarter of what may be asked goes to a library that is still being read
PLAYLIST = "playlist"
LISTENING_SHARE = 4  # likewise of the day's calls to the reading of plays between the lists
ASKED = ("search", "artist_albums", "album_tracks")
# Development Mode admits five users; whoever is not here yet is to get a first list too, on the day he comes.
SEATS = 5


@dataclass(slots=True)
class Plan:
    """A run's share. `granted`: calls by group of `vibe.clients.quota`; `budget`: what the sources may ask."""

    granted: dict[str, int]
    library_pages: int
    budget: Budget
    cut: tuple[str, ...]  # keys of the budget with less than a run gets that need not share

    @property
    def thrifty(self) -> bool:
        """Whether, so far, the sources went without an answer that a full budget would have paid for."""
        return any(self.budget.left[key] <= 0 for key in self.cut)

    def as_json(self) -> dict[str, Any]:
        return {"granted": self.granted, "library_pages": self.library_pages, "thrifty": self.thrifty}


def plan(user: User, now: datetime, *, first: bool) -> Plan:
    """The share of the user's run that is under way, kept on its row so that the next plan knows of it.

    `first`: the user never got a list. Raises QuotaExceeded where not even `LEAST_CALLS` are left, or where all that
    is left is kept for the lists of a night and this run is none.
    """
    most = FIRST_RUN_CALLS if first else DAILY_CALLS
    is_read = LibraryState.objects.filter(account__user=user, account__pending=False, next_offset=None).exists()
    pages = KNOWN_LIBRARY_PAGES if is_read else library.PAGES_A_RUN
    if not settings.SPOTIFY_DAILY_CALLS:
        return _planned({TOTAL: most}, most, pages)
    mine = PlaylistRun.objects.filter(user=user, status=Status.RUNNING)
    again = mine.filter(night=None).exists()
    with transaction.atomic():
        # A sum over many rows decides, which no single UPDATE can: plans are made one after the other.
        ServiceState.objects.select_for_update().get_or_create(service="spotify", family="plans")
        made = _planned(_share(user, now, most, first=first, again=again), most, pages)
        mine.update(report={"budget": made.as_json()})
    return made


def for_listening(now: datetime) -> int:
    """Calls that may be spent on recent plays now, when each list still to come today has its least."""
    if not settings.SPOTIFY_DAILY_CALLS:
        return listen.TURN
    shares = _shares_out(now)
    calls = _left(now, shares.values())[TOTAL] - LEAST_CALLS * _to_come(now, shares)
    return max(calls, 0)


def _planned(granted: dict[str, int], most: int, pages: int) -> Plan:
    """How a share is divided: what every run needs, pages of the library, and the sources' questions."""
    pages_read, asked = _divided(granted[TOTAL], pages)
    left = {"spotify": asked}
    left |= {f"spotify/{name}": min(granted[name], asked) for name in ASKED if name in granted}
    _, full = _divided(most, pages)
    cut = tuple(key for key, calls in left.items() if calls < full)
    return Plan(granted, pages_read, Budget({**left, **OTHERS}), cut)


def _divided(calls: int, pages: int) -> tuple[int, int]:
    free = calls - PLAYS_CALLS - WRITE_CALLS - TIDY_CALLS
    read = max(min(pages, free // LIBRARY_SHARE), 1)
    return read, free - read


def _share(user: User, now: datetime, most: int, *, first: bool, again: bool) -> dict[str, int]:
    shares = _shares_out(now, apart_from=user)
    rest = _left(now, shares.values(), _listening(now))
    linked = _linked().count()
    heads = 1 + _to_come(now, {*shares, user.pk}) + max(SEATS - linked, 0)
    needed = {TOTAL: LEAST_CALLS, PLAYLIST: WRITE_CALLS + TIDY_CALLS}
    # Nights lie a day apart, but what is asked for in between is still in the window when everybody's next one comes.
    later = max(SEATS, linked) if first or again else 0
    held = {TOTAL: HELD_CALLS * later, PLAYLIST: needed[PLAYLIST] * later}
    enough = {name: held[name] + heads * calls for name, calls in needed.items()} if again else needed
    if missing := {name: calls for name, calls in enough.items() if rest[name] < calls}:
        raise QuotaExceeded("spotify", _free_again(now, missing))
    asked = {name: max(rest[name], 0) // heads for name in ASKED}
    return {**needed, **asked, TOTAL: max(min(most, (rest[TOTAL] - held[TOTAL]) // heads), LEAST_CALLS)}


def _left(now: datetime, shares: Iterable[Mapping[str, int]], coming: quota.Calls = ()) -> dict[str, int]:
    """Calls left by group, less those that runs under way may still make."""
    rest = quota.left(now, coming)
    for share in shares:
        rest = {name: calls - share.get(name, 0) for name, calls in rest.items()}
    return rest


def _free_again(now: datetime, missing: Mapping[str, int]) -> datetime:
    """When a run may try again; where runs under way have taken the rest, it is soon known what they leave."""
    coming = {TOTAL: _listening(now)}
    times = [quota.frees_at(now, calls, name, coming.get(name, ())) for name, calls in missing.items()]
    return max(*times, now + LEASE)


def _shares_out(now: datetime, apart_from: User | None = None) -> dict[int, Mapping[str, int]]:
    """What the runs under way may still spend of their shares, by user; one without a share is still to come."""
    runs = PlaylistRun.objects.filter(status=Status.RUNNING, lease_until__gte=now).exclude(user=apart_from)
    rows = runs.annotate(chosen=Q(plan__isnull=False)).values_list("user_id", "report", "chosen")
    return {user: _unspent(report, chosen=chosen) for user, report, chosen in rows if "budget" in report}


def _unspent(report: Mapping[str, Any], *, chosen: bool) -> dict[str, int]:
    granted: dict[str, int] = report["budget"]["granted"]
    if chosen:  # its tracks are chosen: all that is left to do is to write them
        granted = {name: min(calls, WRITE_CALLS + TIDY_CALLS) for name, calls in granted.items() if name not in ASKED}
    spent = Counter[str]()
    for key, calls in report.get("calls", {}).items():
        service, _, family = key.partition("/")
        if service == "spotify" and family not in quota.NO_QUOTA and not chosen:
            spent.update({TOTAL: calls, quota.group(family): calls})
    return {name: max(calls - spent[name], 0) for name, calls in granted.items()}


def _to_come(now: datetime, apart_from: Collection[int]) -> int:
    """How many others wait for the list of their day, or for the first one of all. Counted by the database."""
    lists = PlaylistRun.objects.filter(user=OuterRef("user"), status=Status.SUCCESS, dry_run=False)
    wanting = _linked().filter(Q(user__nightly_at__isnull=False) | ~Exists(lists), user__is_bot_blocked=False)
    return wanting.exclude(user__in=apart_from).exclude(_served(now)).values("user").distinct().count()


def _served(now: datetime) -> Q:
    """Who has the list of his own date; on Earth there are no more than three at a time."""
    names = defaultdict(list)
    for name in _linked().order_by().values_list("user__timezone", flat=True).distinct():
        names[User(timezone=name).local_date(now)].append(name)
    parts = (Q(user__timezone__in=there, user__last_generated_date=date) for date, there in names.items())
    return reduce(or_, parts, Q(pk__in=[]))


def _linked() -> QuerySet[SpotifyAccount]:
    return SpotifyAccount.objects.filter(pending=False, needs_reconnect=False)


def _listening(now: datetime) -> list[tuple[datetime, int]]:
    """The calls for recent plays that are coming in a day: one an account, every LISTEN_HOURS.

    At most a quarter of the day's, however many accounts there are: lists come first.
    """
    if not settings.LISTEN_HOURS:
        return []
    gap = timedelta(hours=settings.LISTEN_HOURS)
    turns = -(-quota.REMEMBERED // gap)
    accounts = settings.SPOTIFY_DAILY_CALLS // LISTENING_SHARE // turns
    heard = list(_linked().order_by("pk").values_list("library__plays_at", flat=True)[:accounts])
    seats: list[datetime | None] = [None] * (min(SEATS, accounts) - len(heard))
    next_ones = [max(now, at + gap) if at else now for at in heard + seats]
    return [(at + n * gap, 1) for at in next_ones for n in range(turns) if at + n * gap < now + quota.REMEMBERED]
