"""A large installation after ten nights, written straight into the tables."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as wall
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import User

NIGHTS = 10
BATCH = 5_000
# Where people live, and when they want it: most before they get up or leave, some in the evening, many not at all.
ZONES = {
    **{"Europe/Moscow": 30, "Europe/Berlin": 15, "Europe/London": 8, "America/New_York": 12, "Asia/Kolkata": 8},
    **{"America/Los_Angeles": 6, "Asia/Tokyo": 4, "Asia/Yekaterinburg": 6, "America/Sao_Paulo": 5, "UTC": 2},
    **{"Australia/Lord_Howe": 1, "Asia/Kathmandu": 1, "Pacific/Kiritimati": 1, "Pacific/Marquesas": 1},
}
HOURS = {None: 20, 5: 8, 6: 15, 7: 20, 8: 15, 9: 5, 12: 3, 17: 4, 18: 5, 20: 3, 23: 2}
# How nights end, in thousandths.
ENDS = {"success": 975, "failed": 15, "needs_link": 10}
FROZEN = {"tracks": [{"id": "0" * 22, "name": "A name of a track", "artists": "Somebody", "score": 0.5}] * 30}
REPORT = {"calls": {f"spotify/family{n}": n for n in range(12)}, "ms": {f"step{n}": 100 * n for n in range(8)}}


def fill(users: int, now: datetime) -> None:
    """Users, their accounts, and a run of each for the ten nights before today's."""
    from accounts.models import SpotifyAccount, User
    from playlists.models import PlaylistRun

    rng = random.Random(1)
    people = User.objects.bulk_create(_people(User, users, rng), batch_size=BATCH)
    SpotifyAccount.objects.bulk_create(_accounts(SpotifyAccount, people, now), batch_size=BATCH)
    today = now.date()
    PlaylistRun.objects.bulk_create(_runs(PlaylistRun, people, today - timedelta(days=1), rng), batch_size=BATCH)
    for back in range(2, NIGHTS + 1):
        _copy_night(today - timedelta(days=1), back - 1)
    _analyze()


def _people(model: type[User], count: int, rng: random.Random) -> Iterator[User]:
    zones = rng.choices(list(ZONES), list(ZONES.values()), k=count)
    hours = rng.choices(list(HOURS), list(HOURS.values()), k=count)
    for number, zone, hour in zip(range(count), zones, hours, strict=True):
        nightly_at = None if hour is None else wall(hour, rng.choice((0, 0, 30)))
        yield model(
            username=f"tg{number}",
            telegram_chat_id=10_000_000 + number,
            timezone=zone,
            nightly_at=nightly_at,
            is_bot_blocked=number % 50 == 0,
        )


def _accounts(model: Any, people: list[User], now: datetime) -> Iterator[Any]:
    for number, user in enumerate(people):
        if number % 20:  # one in twenty never finished linking
            name = f"account{number}"
            yield model(
                user=user,
                account_id=name,
                spotify_user_id=name,
                access_token_sealed="x" * 400,
                refresh_token_sealed="x" * 300,
                expires_at=now,
                authorized_at=now,
                pending=False,
                needs_reconnect=number % 70 == 0,
            )


def _runs(model: Any, people: list[User], night: date, rng: random.Random) -> Iterator[Any]:
    ends = rng.choices(list(ENDS), list(ENDS.values()), k=len(people))
    for number, (user, end) in enumerate(zip(people, ends, strict=True)):
        ended = datetime.combine(night, user.nightly_at or wall(12), user.zone) + timedelta(seconds=number % 3_600)
        yield model(
            user=user,
            trigger="nightly" if number % 10 else "bot",
            night=night,
            day=night,
            status=end,
            size_asked=30,
            min_new_ratio=0.8,
            plan=FROZEN,
            report=REPORT,
            attempts=1,
            marker=f"{number:010}",
            created_at=ended,
            enqueued_at=ended,
            finished_at=ended,
            lease_until=ended,
            playlist_id="" if end != "success" else f"{number:022}",
        )


def _copy_night(source: date, days: int) -> None:
    """That night once more, so many days earlier, whole."""
    from django.db import connection

    from playlists.models import PlaylistRun

    table = PlaylistRun._meta.db_table
    names = [str(field.column) for field in PlaylistRun._meta.concrete_fields if not field.primary_key]
    moments = {"created_at", "enqueued_at", "finished_at", "lease_until"}
    changed = {name: _earlier(name, days, connection.vendor) for name in {"night", "day"} | moments}
    changed["public_id"] = f"substr(public_id, 1, 16) || '-{days}'"
    picked = [changed.get(name, f'"{name}"') for name in names]
    listed = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({listed}) SELECT {', '.join(picked)} FROM {table} WHERE night = %s",
            [source],
        )


def _earlier(column: str, days: int, vendor: str) -> str:
    if vendor == "postgresql":
        cast = "::date" if column in {"night", "day"} else ""
        return f"(\"{column}\" - interval '{days} days'){cast}"
    form = "%%Y-%%m-%%d" if column in {"night", "day"} else "%%Y-%%m-%%d %%H:%%M:%%S"
    return f"strftime('{form}', \"{column}\", '-{days} days')"


def _analyze() -> None:
    """As autovacuum would have done by now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
