"""Every page on a phone and on a desktop, light and dark: what axe, the console and a ruler say of it.

Not part of `make test`, for it needs Chromium: `make looks`. Photographs are left in var/looks. A further page is a
further line of `PAGES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import element_to_be_clickable, url_contains
from selenium.webdriver.support.wait import WebDriverWait

from accounts import spotify_auth
from accounts import views as accounts_views
from accounts.models import OAuthState, SpotifyAccount, User
from playlists.models import PlaylistRun
from playlists.tests import at_spotify
from vibe import pages, urls
from vibe.tests.browser import browser, complaints, overflow, shoot, violations
from vibe.tests.sandbox_process import CLIENT, ROOT, Sandbox
from vibe.tests.scratch import link

SHOTS = ROOT / "var" / "looks"
TOKEN = "1000000001:pretend-pretend-pretend-pretend-pre"
# Language, size, dark
OUTFITS = [
    ("en", "phone", False),
    ("en", "phone", True),
    ("en", "desktop", False),
    ("en", "desktop", True),
    ("ru", "phone", False),
    ("ru", "desktop", True),
]


def refused(request: HttpRequest, code: str) -> HttpResponse:
    return accounts_views._refused(request, code)


def error(request: HttpRequest, status: int) -> HttpResponse:
    return pages._error(request, status)


def plain(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, f"{name}.html", {"minutes": 5})


# The addresses of this service, and some at which those pages can be seen that are hard to come by.
urlpatterns = [
    *urls.urlpatterns,
    path("_refused/<code>", refused),
    path("_error/<int:status>", error),
    path("_plain/<name>", plain),
]
handler404 = pages.not_found


@dataclass
class Visit:
    """One browser at the made installation."""

    driver: webdriver.Chrome
    home: str
    user: User
    runs: dict[str, PlaylistRun]

    def at(self, address: str) -> None:
        self.driver.get(f"{self.home}{address}")

    def link(self) -> None:
        """The page that asks for confirmation."""
        OAuthState.objects.all().delete()
        self.driver.get(spotify_auth.begin_link(self.user, datetime.now(UTC), self.user.telegram_chat_id))

    def linked(self) -> None:
        """After the consent at Spotify."""
        self.link()
        wait = WebDriverWait(self.driver, 20)
        for button in ("form .button", "button[value=allow]"):
            wait.until(element_to_be_clickable((By.CSS_SELECTOR, button))).click()
        wait.until(url_contains("/callback"))


def at(address: str) -> Callable[[Visit], None]:
    return lambda visit: visit.at(address)


def run(kind: str) -> Callable[[Visit], None]:
    return lambda visit: visit.at(f"/runs/{visit.runs[kind].public_id}")


PAGES: dict[str, Callable[[Visit], None]] = {
    "landing": at("/"),
    "privacy": at("/privacy"),
    **{f"run-{kind}": run(kind) for kind in ("made", "preview", "old", "failed", "running", "waiting")},
    "link": Visit.link,
    "linked": Visit.linked,
    "not-found": at("/nothing"),
    "cookies": at("/_plain/403_csrf"),
    "too-many": at("/_plain/429"),
    **{f"error-{status}": at(f"/_error/{status}") for status in pages.ERRORS},
    **{f"refused-{code}": at(f"/_refused/{code}") for code in accounts_views.STATUS},
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def home(live_server: Any, sandbox: Sandbox, settings: Any) -> str:
    """An installation in front of the sandbox, with those addresses of its own."""
    address = str(live_server.url).replace("localhost", "127.0.0.1")  # which alone Spotify sends anybody back to
    settings.ROOT_URLCONF = __name__
    settings.PUBLIC_URL = address
    settings.SPOTIFY_REDIRECT_URI = f"{address}/auth/spotify/callback"
    settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET = CLIENT
    settings.TELEGRAM_BOT_TOKEN = TOKEN
    for name, value in sandbox.environment.items():
        setattr(settings, name, value)
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    outside = {name: [*directives[name][:1], sandbox.url] for name in ("img-src", "form-action")}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives | outside}
    return address


@pytest.mark.django_db(transaction=True)
def test_every_page_is_sound_in_every_outfit(home, sandbox):
    user = listener(sandbox)
    runs = made(user)
    wrong = []
    for language, size, dark in OUTFITS:
        cache.clear()
        User.objects.update(language=language)
        user.refresh_from_db()
        with browser(size, dark, language) as driver:
            for name, open_page in PAGES.items():
                open_page(Visit(driver, home, user, runs))
                shoot(driver, SHOTS / f"{name}-{language}-{size}-{'dark' if dark else 'light'}.png")
                wrong += [f"{name} {language} {size} {dark}: {what}" for what in faults(driver)]
    assert wrong == []


def faults(driver: webdriver.Chrome) -> list[str]:
    wide = overflow(driver)
    # That a page of a failure has the status of a failure is no complaint.
    said = [line for line in complaints(driver) if "Failed to load resource: the server responded" not in line]
    return [*violations(driver), *said, *([f"{wide} pixels too wide"] if wide else [])]


def listener(sandbox: Sandbox) -> User:
    user = link(sandbox, "maria")
    SpotifyAccount.objects.update(expires_at=datetime.now(UTC) + timedelta(hours=1), authorized_at=datetime.now(UTC))
    User.objects.update(first_name="Maria", telegram_username="maria_listens", telegram_chat_id=7)
    user.refresh_from_db()
    return user


def made(user: User) -> dict[str, PlaylistRun]:
    """A run of each kind, the good ones made at the sandbox."""
    runs = {
        "made": at_spotify.make(user, size=30),
        "preview": at_spotify.make(user, size=30, dry_run=True),
        "old": at_spotify.make(user, size=30, force=True),
    }
    assert all(run.status == "success" for run in runs.values())
    runs["made"].tracks.filter(position__in=[7, 19]).update(is_new_to_bot=False, reason={"relation": "fallback"})
    PlaylistRun.objects.filter(pk=runs["made"].pk).update(new=28, novelty=28 / 30, relaxations=["spacing"])
    runs["old"].tracks.update(name="", artists="", cover_url="")
    now = datetime.now(UTC)
    row = {"user": user, "day": now.date(), "created_at": now, "trigger": "bot", "size_asked": 30, "min_new_ratio": 0.8}
    runs["failed"] = PlaylistRun.objects.create(
        **row, status="failed", error_code="unavailable", error_params={"status": 503}
    )
    runs["running"] = PlaylistRun.objects.create(**row, status="running")
    until = {"until": (now + timedelta(hours=3)).isoformat()}
    row["night"] = now.date() + timedelta(days=1)
    runs["waiting"] = PlaylistRun.objects.create(**row, status="queued", error_code="rate_limited", error_params=until)
    return runs
