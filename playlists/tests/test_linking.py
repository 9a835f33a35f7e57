"""Each way in which Spotify lets a sign-in down, at the pretend Spotify: a page of its own, and a screen of its own."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from accounts import pasting
from accounts.models import SpotifyAccount, User
from accounts.refusals import REFUSALS
from accounts.spotify_auth import begin_link
from botapp.tests.at_home import meet
from botapp.tests.listener import Said, says, shown
from playlists import linking
from vibe.tests.sandbox_process import Sandbox

pytestmark = pytest.mark.django_db


def forbidden(reason: str) -> Callable[[Sandbox, object], None]:
    return lambda sandbox, _settings: sandbox.fault("forbidden", reason=reason, path="/v1/me")


def wrong_secret(_sandbox: Sandbox, settings) -> None:
    settings.SPOTIFY_CLIENT_SECRET = "wrong"


TROUBLE: dict[str, Callable[[Sandbox, object], None]] = {
    "not_registered": forbidden("not_registered"),
    "premium": forbidden("premium"),
    "scopes": forbidden("scope"),
    "client": wrong_secret,
    "rate_limited": lambda sandbox, _settings: sandbox.fault("rate_limit", path="/api/token", seconds=60),
    "unavailable": lambda sandbox, _settings: sandbox.fault("server_error", service="accounts", status=503),
    "denied": lambda _sandbox, _settings: None,
}


@pytest.fixture
def user(sandbox) -> User:
    return meet()


def in_browser(sandbox: Sandbox, user: User, decision: str = "allow") -> tuple[Client, str]:
    """A sign-in up to the address that Spotify sends the browser back to."""
    browser = Client()
    token = parse_qs(urlsplit(begin_link(user, timezone.now(), 7)).query)["token"][0]
    answer = browser.post("/auth/spotify/start", {"token": token})
    return browser, path(sandbox.consent(answer["Location"], "demo", decision))


def path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def pasted(address: str) -> Said:
    says(7, address)
    for row in OrmQ.objects.all():
        linking.link(*row.task["args"])
    return shown(7)[-1]


@pytest.mark.parametrize("code", TROUBLE)
def test_it_has_a_page_of_its_own_that_says_what_to_do(code, user, sandbox, settings):
    browser, back = in_browser(sandbox, user, "deny" if code == "denied" else "allow")
    TROUBLE[code](sandbox, settings)
    page = browser.get(back)
    assert page.status_code >= 400
    for words in REFUSALS[code]:
        assert str(words) in unescape(page.text)
    assert "no-store" in page["Cache-Control"]
    assert not SpotifyAccount.objects.exists()


@pytest.mark.parametrize("code", TROUBLE)
def test_it_has_a_screen_of_its_own_in_the_chat(code, user, sandbox, settings):
    address = pasting.begin(user, timezone.now(), 7)
    back = sandbox.consent(address, "demo", "deny" if code == "denied" else "allow")
    TROUBLE[code](sandbox, settings)
    said = pasted(back)
    assert said.payload["code"] == code
    for words in REFUSALS[code]:
        assert str(words) in unescape(said.html)
    assert not SpotifyAccount.objects.exists()


def test_a_code_that_was_used_elsewhere_is_refused_by_spotify(user, sandbox):
    browser, back = in_browser(sandbox, user)
    form = {"grant_type": "authorization_code", "redirect_uri": "http://127.0.0.1:8000/auth/spotify/callback"}
    sandbox.token_request(**form, code=parse_qs(back.partition("?")[2])["code"][0])
    assert browser.get(back).status_code == 410


def test_the_phones_way_links_the_account_that_agreed(user, sandbox):
    said = pasted(sandbox.consent(pasting.begin(user, timezone.now(), 7), "demo"))
    assert (said.kind, said.payload["first"]) == ("linked", True)
    assert user.spotify is not None
