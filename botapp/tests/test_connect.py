"""/connect."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts import spotify_auth
from accounts.models import OAuthState
from accounts.tests.spotify import linked_account
from botapp.tests.at_home import COUNTS, in_each_language, meet, reads, wrong
from botapp.tests.listener import presses, says
from vibe.clients.models import ServiceState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _public(settings):
    settings.PUBLIC_URL = "https://vibe.example.org"


def token(address):
    return address.partition("token=")[2]


@in_each_language
def test_the_link_is_a_button_and_leads_to_this_chats_user(language):
    user = meet(language=language)
    (screen,) = says(7, "/connect")
    link = spotify_auth.link_of(token(screen.buttons[0].url), timezone.now())
    assert (link.user, link.telegram_chat_id) == (user, 7)
    assert "10" in screen.html
    assert "token" not in screen.html


def test_a_newer_link_takes_the_place_of_the_older():
    meet()
    (old,), (_new,) = says(7, "/connect"), says(7, "/connect")
    with pytest.raises(spotify_auth.LinkRefused, match="unknown"):
        spotify_auth.link_of(token(old.buttons[0].url), timezone.now())


def test_who_is_linked_is_told_so_and_may_connect_again():
    user = meet(timezone="Asia/Tokyo")
    linked_account(user, display_name="Alice", authorized_at=datetime(2026, 11, 21, 20, tzinfo=UTC))
    (screen,) = says(7, "/connect")
    assert "Spotify is connected as Alice." in screen.html
    # By his own calendar, where it was the 22nd already.
    assert "You agreed on Nov. 22, 2026. The consent ends on May 22, 2027" in screen.html
    assert screen.labels == ["Connect again", "Disconnect"]
    assert not OAuthState.objects.exists()
    (again,) = presses(7, "Connect again")
    assert again.edits == screen.message_id
    assert token(again.buttons[0].url)


def test_whose_consent_has_ended_gets_a_link_at_once():
    linked_account(meet(), needs_reconnect=True)
    (screen,) = says(7, "/connect")
    assert token(screen.buttons[0].url)


@wrong
def test_words_behind_it_do_not_matter(words):
    linked_account(meet())
    (screen,) = says(7, f"/connect {words}")
    assert screen.labels == ["Connect again", "Disconnect"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_an_address_of_this_machine_is_no_button_and_says_where_to_open_it(address, settings):
    settings.PUBLIC_URL = address
    meet()
    (screen,) = says(7, "/connect")
    assert [button.url.partition("?")[0] for button in screen.buttons] == ["https://accounts.spotify.com/authorize"]
    assert re.search(rf"^{re.escape(address)}/auth/spotify/start\?token=[\w-]+$", screen.html, re.MULTILINE)
    assert "the computer on which Daily Vibe runs" in screen.html


def test_where_spotify_is_pretended_its_link_is_no_button(settings):
    settings.PUBLIC_URL, settings.SPOTIFY_ACCOUNTS_URL = "http://127.0.0.1:8000", "http://127.0.0.1:9000"
    meet()
    (screen,) = says(7, "/connect")
    assert not screen.buttons
    assert "http://127.0.0.1:9000/authorize?" in screen.html


def test_without_an_app_at_spotify_there_is_nothing_for_a_phone(settings):
    settings.PUBLIC_URL, settings.SPOTIFY_CLIENT_ID = "http://127.0.0.1:8000", ""
    meet()
    assert not says(7, "/connect")[0].buttons
    assert not OAuthState.objects.filter(by_paste=True).exists()


def test_where_a_phone_can_reach_the_service_there_is_one_link():
    meet()
    assert len(says(7, "/connect")[0].buttons) == 1
    assert not OAuthState.objects.filter(by_paste=True).exists()


def test_a_name_of_the_home_network_is_no_button_either(settings):
    settings.PUBLIC_URL = "http://mybox:8000"
    meet()
    (screen,) = says(7, "/connect")
    assert not screen.buttons
    assert "http://mybox:8000/auth" in screen.html
    assert "the computer on which" not in screen.html


def test_an_address_of_the_home_network_is_a_button(settings):
    settings.PUBLIC_URL = "http://192.168.1.5:8000"
    meet()
    assert says(7, "/connect")[0].buttons[0].url.startswith("http://192.168.1.5:8000/auth")


@pytest.mark.parametrize("minutes", COUNTS)
@in_each_language
def test_each_lifetime_is_said_in_each_language(minutes, language):
    assert str(minutes) in reads("connect", language, minutes=minutes, link="https://a.b/", button=True)


@pytest.mark.parametrize(("reason", "code"), [("premium", "premium"), ("bad_credentials", "client")])
def test_while_spotify_serves_nobody_here_it_says_so_and_gives_no_link(reason, code):
    meet()
    until = timezone.now() + timedelta(hours=1)
    ServiceState.objects.create(service="spotify", blocked_until=until, reason=reason)
    (said,) = says(7, "/connect")
    assert (said.kind, said.payload["code"]) == ("link_refused", code)
    assert not OAuthState.objects.exists()
    assert says(7, "/connect", now=until)[0].kind == "connect"
