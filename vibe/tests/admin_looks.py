"""The operator's pages in a real browser: nothing refused, nothing from outside, nobody shut out, nothing cut off.

Part of `make looks`; the pictures are in var/looks.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_q.models import Schedule

from accounts.models import User
from playlists.models import PlaylistRun, RunLedger
from vibe.clients.models import Heartbeat
from vibe.tests import test_dashboard
from vibe.tests.browser import browser, complaints, overflow, shoot, violations
from vibe.tests.test_dashboard import SOURCES

LOOKS = settings.BASE_DIR / "var" / "looks"
# What unfold's frame breaks on every page; docs/admin.md says why it stays.
THEIRS = ("region", "landmark-one-main", "landmark-unique")
FRAME = (".showall",)  # and its pagination's link, too pale on dark


def explained() -> PlaylistRun:
    """A run that says all it can of itself."""
    run: PlaylistRun = PlaylistRun.objects.filter(status="success", dry_run=False).latest("created_at")
    rng = random.Random(3)
    parts = {"votes": 0.4, "top_list": 0.1, "similar_artist": 0.05}
    fates = ["picked:1", "ranked_below", "not_new", "artist_cap", "cool_down"]
    candidates = [
        {"artist": f"Artist {n % 90}", "title": f"Title {n}", "found": [[rng.choice(SOURCES), "s", 1, 1]],
         "score": 1 - n / 400, "parts": parts, "fate": fates[0] if not n else rng.choice(fates[1:]), "key": str(n)}
        for n in range(300)
    ]  # fmt: skip
    RunLedger.objects.create(run=run, body=RunLedger.pack({"seeds": [], "candidates": candidates}))
    of_source = {
        "asked": 20,
        "answered": 18,
        "cached": 4,
        "resolved": 30,
        "picked": 6,
        "ms": 900,
        "errors": {"timeout": 2},
    }
    run.report["sources"] = [{**one, **of_source} for one in run.report["sources"]]
    run.report |= {"calls": {"spotify/search": 12, "lastfm/similar": 31}, "budget": {"granted": {"total": 30}}}
    run.attempts = 1
    run.started_at, run.finished_at = run.created_at + timedelta(seconds=2), run.created_at + timedelta(seconds=9)
    run.enqueued_at = run.created_at
    run.save()
    for track in run.tracks.all():
        track.name, track.artists = f"Title {track.position * 7}", f"Artist {track.position * 3}"
        track.reason = {"relation": "similar_artist", "because": f"Artist {track.position + 40}"}
        track.save()
    return run


def cookie() -> dict[str, Any]:
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    return {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}


def look(url: str, pages: Mapping[str, str], *, size: str, dark: bool, language: str) -> None:
    with browser(size, dark=dark, language=language) as driver:
        driver.get(f"{url}/admin/login/")
        driver.add_cookie(cookie())
        for name, path in pages.items():
            driver.get(url + path)
            shoot(driver, LOOKS / f"admin-{name}-{size}-{'dark' if dark else 'light'}-{language}.png")
            assert complaints(driver) == [], name
            assert overflow(driver) <= 0, name
            outside = driver.execute_script(
                "return performance.getEntriesByType('resource').map(one => one.name)"
                f".filter(one => !one.startsWith('{url}') && !one.startsWith('data:'))"
            )
            assert outside == [], name
            ours = [one for one in violations(driver) if not one.startswith(THEIRS) and not one.endswith(FRAME)]
            assert ours == [], name


on_every_screen = pytest.mark.parametrize(
    ("size", "dark", "language"),
    [("desktop", False, "en"), ("phone", True, "ru"), ("phone", False, "en"), ("desktop", True, "ru")],
)


@pytest.mark.django_db(transaction=True)
@on_every_screen
def test_the_operators_pages_look_well(live_server, size, dark, language):
    test_dashboard.seed()
    Heartbeat.objects.create(name="reap", at=timezone.now())
    Schedule.objects.create(name="tick", func="playlists.tasks.tick", schedule_type=Schedule.MINUTES, minutes=1)
    run = explained()
    pages = {
        "dashboard": "/admin/",
        "run": f"/admin/playlists/playlistrun/{run.pk}/change/",
        "runs": "/admin/playlists/playlistrun/",
        "users": "/admin/accounts/user/",
        "user": f"/admin/accounts/user/{run.user_id}/change/",
        "doctor": "/admin/doctor/",
    }
    look(live_server.url, pages, size=size, dark=dark, language=language)
