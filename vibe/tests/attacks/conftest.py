"""A site to attack: the real server and the sandbox, both over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from accounts.spotify_auth import begin_link
from vibe.tests.sandbox_process import CLIENT, Sandbox, small_world


class Browser(requests.Session):
    """Somebody's browser: follows nothing by itself, keeps its cookies. `site`: the address of the server."""

    def __init__(self, site: str) -> None:
        super().__init__()
        self.site, self.trust_env = site, False

    def open(self, path: str, method: str = "GET", **options: object) -> requests.Response:
        address = path if path.startswith("http") else self.site + path
        return self.request(method, address, allow_redirects=False, timeout=20, **options)  # type: ignore[arg-type]

    def submit(self, path: str, **form: str) -> requests.Response:
        """As the page's own form does it, with the token against forgery."""
        page = self.open(path)
        token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        data = {"csrfmiddlewaretoken": token, **form}
        return self.open(urlsplit(page.url).path, "POST", data=data, headers={"Referer": page.url})


class Site:
    """The server, and what is done in it in a listener's name."""

    def __init__(self, url: str, spotify: Sandbox) -> None:
        self.url, self.spotify = url, spotify

    def browser(self) -> Browser:
        return Browser(self.url)

    def link(self, user: User) -> str:
        """A one-time address that his chat was given."""
        return begin_link(user, timezone.now(), user.telegram_chat_id)

    def agreed(self, browser: Browser, link: str, listener: str = "anna") -> str:
        """Confirms and agrees at Spotify; the address that Spotify sends the browser back to."""
        token = parse_qs(urlsplit(link).query)["token"][0]
        return self.spotify.consent(browser.submit(link, token=token).headers["Location"], listener)


@pytest.fixture(scope="session")
def spotify() -> Iterator[Sandbox]:
    with Sandbox(world=small_world()) as running:
        yield running


@pytest.fixture
def site(live_server, spotify: Sandbox, settings) -> Iterator[Site]:
    for name, value in spotify.environment.items():
        setattr(settings, name, value)
    settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET = CLIENT
    url = live_server.url.replace("localhost", "127.0.0.1")
    settings.PUBLIC_URL, settings.SPOTIFY_REDIRECT_URI = url, f"{url}/auth/spotify/callback"
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    cache.clear()
    yield Site(url, spotify)
    cache.clear()


@pytest.fixture
def mallory(site: Site) -> User:
    return User.objects.create(username="tg66", first_name="Mallory", telegram_chat_id=66, is_approved=True)


@pytest.fixture
def victim(site: Site) -> User:
    return User.objects.create(username="tg7", first_name="Ann", telegram_chat_id=7, is_approved=True)
