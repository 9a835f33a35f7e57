"""The admin's lists with 100,000 runs and a million likes: python -m vibe.tests.admin_bench, also with DATABASE_URL."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import django
from django.core.management import call_command

from vibe.tests.scratch import scratch

USERS, RUNS, TRACKS = 1_000, 100_000, 1_000_000
TIMES = 5
# i is the number of the row; a moment some minutes ago.
AGO = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%S', 'now', '-' || (i * 7 %% 86400) || ' minutes')",
    "postgresql": "now() - (i * 7 %% 86400) * interval '1 minute'",
}


def fill() -> None:
    from django.db import connection
    from django.utils import timezone

    from accounts.models import Outbox, SpotifyAccount, User
    from playlists.models import PlaylistRun, PlaylistRunTrack
    from recommendations.models import Play, RecommendationHistory, SavedTrack

    now, ago = timezone.now(), AGO[connection.vendor]
    users = User.objects.bulk_create(User(username=f"listener{n}", telegram_chat_id=n + 1) for n in range(USERS))
    since = {"expires_at": now, "authorized_at": now, "pending": False}
    SpotifyAccount.objects.bulk_create(SpotifyAccount(user=user, account_id=user.username, **since) for user in users)

    one = {"id": "0" * 22, "name": "A title", "artists": "An artist", "key": "k" * 40, "reason": {"relation": "search"}}
    source = {"state": "asked", "found": 100, "asked": 9, "ms": 900, "errors": {}}
    report = {
        "sources": [source | {"source": f"source{n}"} for n in range(7)],
        "ms": {"asking": 3000, "writing": 900},
        "calls": {"spotify/search": 12},
    }
    made = {"trigger": "nightly", "size_asked": 30, "min_new_ratio": 0.8, "novelty": 0.9, "total": 30, "new": 27}
    run = PlaylistRun(day=now.date(), plan={"tracks": [one] * 30}, report=report, **made)
    whose = f"{users[0].pk} + i %% {USERS}"
    failed = {"status": "CASE WHEN i %% 10 = 0 THEN 'failed' ELSE 'success' END"}
    failed |= {"error_code": "CASE WHEN i %% 10 = 0 THEN 'timeout' ELSE '' END"}
    moments = dict.fromkeys(("created_at", "started_at", "finished_at"), ago)
    insert(run, RUNS, user_id=whose, public_id="'p' || i", playlist_id="'l' || i", **failed, **moments)
    track = PlaylistRunTrack(spotify_track_id="t", name="A title", artists="An artist", source="spotify_search")
    first = PlaylistRun.objects.earliest("pk").pk
    insert(track, TRACKS, run_id=f"{first} + i / 10", position="i %% 10 + 1")

    account = f"{SpotifyAccount.objects.earliest('pk').pk} + i %% {USERS}"
    facts = {"account_id": account, "spotify_track_id": f"'t' || (i / {USERS})", "match_key": "'artist | title ' || i"}
    name = {"name": "A title", "artists": [["a", "Artist"]]}
    insert(SavedTrack(added_at=now, seen_at=now, **name), TRACKS, **facts)
    insert(Play(**name), TRACKS, played_at=ago, **facts)
    insert(RecommendationHistory(first_recommended_at=now, last_recommended_at=now), TRACKS, **facts)
    insert(Outbox(kind="playlist", status="sent", created_at=now), RUNS, key="'k' || i", chat_id="i")


def insert(row: Any, count: int, **varying: str) -> None:
    """So many rows like this one, made by the database; `varying`: columns by an expression of i, from 0."""
    from django.db import connection

    told, parameters = [], []
    columns = [field for field in row._meta.concrete_fields if not field.primary_key]
    for field in columns:
        if field.attname in varying:
            told.append(varying[field.attname])
        else:
            kind = field.db_type(connection)
            told.append(f"CAST(%s AS {kind})" if connection.vendor == "postgresql" else "%s")
            parameters.append(field.get_db_prep_save(field.pre_save(row, True), connection))
    names = ", ".join(f'"{field.column}"' for field in columns)
    numbers = f"WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {count})"
    with connection.cursor() as cursor:
        into = f'INSERT INTO "{row._meta.db_table}" ({names})'
        cursor.execute(f"{into} {numbers} SELECT {', '.join(told)} FROM numbers", parameters)


def addresses() -> Iterator[tuple[str, str]]:
    from playlists.models import PlaylistRun
    from vibe.clients.admin import rows

    runs, likes = "playlists_playlistrun", "recommendations_savedtrack"
    run = PlaylistRun.objects.latest("pk")
    key = "Artist - Title 500000"
    yield "dashboard", "/admin/"
    yield "users", "/admin/accounts/user/"
    yield "users, standing", rows("accounts_user", standing="linked")
    yield "runs", rows(runs)
    yield "runs, page 1,000", rows(runs, p=1_000)
    yield "runs, failed", rows(runs, status__exact="failed")
    yield "runs, by error", rows(runs, error_code="timeout")
    yield "runs, rare error", rows(runs, error_code="premium")
    yield "runs, dry", rows(runs, dry_run__exact=1)
    yield "runs, by playlist", rows(runs, q=run.playlist_id)
    yield "runs, by listener", rows(runs, q="listener7")
    yield "a run", f"/admin/playlists/playlistrun/{run.pk}/change/"
    yield "tracks of runs", rows("playlists_playlistruntrack")
    yield "tracks of runs, by source", rows("playlists_playlistruntrack", source="spotify_search")
    yield "saved tracks", rows(likes)
    yield "saved tracks, page 1,000", rows(likes, p=1_000)
    yield "saved tracks, by key", rows(likes, q=key)
    yield "saved tracks, by id", rows(likes, q="t500")
    yield "saved tracks, of one listener", rows(likes, q="listener7")
    yield "plays", rows("recommendations_play")
    yield "history", rows("recommendations_recommendationhistory")
    yield "outbox", rows("accounts_outbox")


def measured(address: str) -> tuple[int, float]:
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(username="operator"), "django.contrib.auth.backends.ModelBackend")
    spent = []
    for _ in range(TIMES):
        with CaptureQueriesContext(connection) as captured:
            begun = time.perf_counter()
            answer = client.get(address)
            spent.append(1000 * (time.perf_counter() - begun))
        if answer.status_code != 200:
            sys.exit(f"{address}: {answer.status_code}")
        if os.environ.get("SLOW"):
            for query in captured.captured_queries:
                if float(query["time"]) > 0.05:
                    sys.stdout.write(f"   {query['time']} {query['sql'][:600]}\n")
    return len(captured), median(spent)


@contextmanager
def database() -> Iterator[None]:
    """A scratch file, or what DATABASE_URL names: an empty database, which is left full."""
    if "DATABASE_URL" not in os.environ:
        with scratch():
            yield
        return
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "vibe.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "only for this " * 5,
    }
    os.environ |= {"LOG_LEVEL": "ERROR"}
    django.setup()
    call_command("migrate", verbosity=0)
    yield


def main() -> None:
    with database():
        from django.db import connection

        from accounts.models import User

        User.objects.create_superuser("operator")
        begun = time.monotonic()
        fill()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        sys.stdout.write(f"{connection.vendor}, filled in {time.monotonic() - begun:.0f} s\n\n")
        sys.stdout.write("| page | queries | ms |\n|---|---|---|\n")
        for name, address in addresses():
            queries, milliseconds = measured(address)
            sys.stdout.write(f"| {name} | {queries} | {milliseconds:.0f} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
