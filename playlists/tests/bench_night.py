"""How long a tick takes: `python -m playlists.tests.bench_night [users] [nights]`; 100,000 users with 10 nights each.

On SQLite, or on the PostgreSQL that DATABASE_URL names; in a database of its own, which is gone afterwards.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from pathlib import Path
from zoneinfo import available_timezones

import django
from cryptography.fernet import Fernet

NOW = datetime.now(UTC)
ZONES = sorted(name for name in available_timezones() if name.count("/") == 1 and not name.startswith("Etc/"))[::10]
TEXT = {"tracks": [{"id": "x" * 22, "name": "Track", "score": 0.5}] * 15}


def main(users: int = 100_000, nights: int = 10) -> None:
    folder = tempfile.TemporaryDirectory()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "vibe.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "only-for-the-benchmark-0123456789-0123456789-0123456789",
        "TOKEN_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "LOG_LEVEL": "ERROR",
        "DB_PATH": "" if os.environ.get("DATABASE_URL") else str(Path(folder.name) / "bench.sqlite3"),
    }
    django.setup()
    from django.db import connection

    connection.settings_dict["TEST"]["NAME"] = "bench_night"
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(folder.name) / "bench_test.sqlite3")
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        fill(users, nights)
        measure()
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


def fill(users: int, nights: int) -> None:
    from accounts.models import SpotifyAccount, User
    from playlists.models import PlaylistRun

    people = User.objects.bulk_create([person(User, number) for number in range(users)], batch_size=5_000)
    linked = [
        SpotifyAccount(
            user=user, account_id=f"a{n}", spotify_user_id=f"a{n}", expires_at=NOW, authorized_at=NOW, pending=False
        )
        for n, user in enumerate(people)
        if n % 31
    ]
    SpotifyAccount.objects.bulk_create(linked, batch_size=5_000)
    yesterday = NOW.date() - timedelta(days=1)
    PlaylistRun.objects.bulk_create(
        [past(PlaylistRun, user, yesterday, n) for n, user in enumerate(people)], batch_size=5_000
    )
    for back in range(1, nights):
        copy_night(yesterday, yesterday - timedelta(days=back))


def person(model, number: int):
    return model(
        username=f"u{number}",
        timezone=ZONES[number % len(ZONES)],
        nightly_at=None if number % 23 == 0 else wall(number % 24, 30 * (number % 2)),
        is_bot_blocked=number % 41 == 0,
    )


def past(model, user, night: date, number: int):
    ended = NOW - timedelta(days=1)
    return model(
        user=user, trigger="nightly", night=night, day=night, status="success", size_asked=30, min_new_ratio=0.8,
        plan=TEXT, report=TEXT, created_at=ended, finished_at=ended, lease_until=ended, marker=f"{number:010d}"[-10:],
        enqueued_at=ended, attempts=1,
    )  # fmt: skip


def copy_night(source: date, night: date) -> None:
    from django.db import connection

    from playlists.models import PlaylistRun

    columns = [field.column for field in PlaylistRun._meta.concrete_fields if not field.primary_key]
    picked = ["%s" if name in {"night", "day"} else f'"{name}"' for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        table = PlaylistRun._meta.db_table
        select = f"SELECT {', '.join(picked)} FROM {table} WHERE night = %s"  # noqa: S608
        cursor.execute(f"INSERT INTO {table} ({names}) {select}", [night, night, source])


def measure() -> None:
    from django.db import connection

    from accounts.models import User
    from playlists import night, tasks
    from playlists.models import PlaylistRun

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{connection.vendor}: {User.objects.count()} users, {PlaylistRun.objects.count()} runs")  # noqa: T201
    timed("a tick that queues all it may", lambda: night.enqueue_due(NOW))
    counts = {"queued": 1}
    while counts["queued"]:
        counts = night.enqueue_due(NOW)
    timed("a tick with nothing to do", lambda: night.enqueue_due(NOW))
    timed("a tick five minutes later", lambda: night.enqueue_due(NOW + timedelta(minutes=5)))
    timed("reap", tasks.reap)
    timed("everybody, from the endpoint", lambda: night.enqueue_all(NOW, "endpoint"))
    timed("everybody once more", lambda: night.enqueue_all(NOW, "endpoint"))


def timed(what: str, act: Callable[[], object]) -> None:
    began, worked = time.perf_counter(), time.process_time()
    answer = act()
    took, worked = time.perf_counter() - began, time.process_time() - worked
    print(f"{what}: {took:.2f} s, {worked:.2f} of them this process at work {answer or ''}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
