"""Linking, when the same thing comes to many threads at the same moment."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from accounts import pasting
from accounts.models import OAuthState, Outbox, SpotifyAccount, User
from accounts.spotify_auth import LinkRefused, activate, begin_link, hashed
from accounts.tests.spotify import answer_me, answer_token, linked_account, token_calls
from botapp.intake import Intake
from botapp.tests.at_home import meet
from playlists import linking
from vibe.clients.meter import Meter
from vibe.tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 6
NUMBERS = itertools.count(1)


def says(text: str) -> None:
    """In chat 7, as one of many threads."""
    ann = {"id": 7, "is_bot": False, "first_name": "Ann"}
    message: dict[str, Any] = {"message_id": 1, "from": ann, "chat": ann | {"type": "private"}, "date": 1}
    now = timezone.now()
    try:
        Intake().take({"update_id": next(NUMBERS), "message": message | {"text": text}}, now, Meter(lambda: now, {}))
    finally:
        connection.close()


@responses.activate
def test_of_many_returns_with_one_state_one_is_served():
    answer_token()
    answer_me()
    token = parse_qs(urlsplit(begin_link(meet(), timezone.now(), 7)).query)["token"][0]
    begun = Client()
    spotify = urlsplit(begun.post("/auth/spotify/start", {"token": token})["Location"])
    query = {"code": "good-code", "state": parse_qs(spotify.query)["state"][0]}

    def come_back() -> int:
        client = Client()
        client.cookies["sessionid"] = begun.cookies["sessionid"].value
        try:
            return client.get("/auth/spotify/callback", query).status_code
        finally:
            connection.close()

    assert sorted(at_once(THREADS, come_back)) == [200, *[400] * (THREADS - 1)]
    assert (len(token_calls()), SpotifyAccount.objects.count()) == (1, 1)


@responses.activate
def test_an_address_that_is_pasted_many_times_is_used_once():
    answer_token()
    answer_me()
    user = meet()
    state = parse_qs(urlsplit(pasting.begin(user, timezone.now(), 7)).query)["state"][0]
    at_once(THREADS, lambda: says(f"http://127.0.0.1:8000/auth/spotify/callback?code=c&state={state}"))
    assert Outbox.objects.filter(kind="linking").count() == THREADS
    (row,) = OrmQ.objects.all()

    def work() -> None:
        try:
            linking.link(*row.task["args"])
        finally:
            connection.close()

    at_once(THREADS, work)
    assert (len(token_calls()), SpotifyAccount.objects.filter(pending=False).count()) == (1, 1)
    # The first answer was not said yet, so it became the result.
    assert sorted(Outbox.objects.values_list("kind", flat=True)) == ["linked"] + ["linking"] * (THREADS - 1)


def test_a_confirmation_that_comes_many_times_links_once():
    user = meet()
    pending = linked_account(user, pending=True, confirm_hash=hashed("nonce"), authorized_at=timezone.now())
    at_once(THREADS, lambda: says("/start fin_nonce"))
    assert SpotifyAccount.objects.get() == pending
    assert user.spotify == pending
    assert Outbox.objects.filter(kind="linked").count() == 1
    assert Outbox.objects.filter(kind="connect_refused").count() == THREADS - 1


def test_a_consent_confirmed_by_two_processes_at_once_stays_whole():
    """Each has read it as pending before either has linked it."""
    pending = linked_account(meet(), pending=True, confirm_hash=hashed("nonce"))

    def confirm() -> str:
        try:
            return str(activate(SpotifyAccount(**read)).pk)
        except LinkRefused as refusal:
            return refusal.code
        finally:
            connection.close()

    read = SpotifyAccount.objects.values().get()
    assert sorted(at_once(THREADS, confirm)) == sorted([str(pending.pk), *["unknown"] * (THREADS - 1)])
    assert not SpotifyAccount.objects.get().pending


def test_of_two_users_who_confirm_one_account_at_once_one_gets_it():
    users = [User.objects.create(username=f"tg{chat}", telegram_chat_id=chat) for chat in (7, 8)]
    waiting = iter([linked_account(user, pending=True) for user in users])

    def confirm() -> str:
        try:
            return activate(next(waiting)).account_id
        except LinkRefused as refusal:
            return refusal.code
        finally:
            connection.close()

    assert sorted(at_once(2, confirm)) == ["alice-account", "taken"]
    assert SpotifyAccount.objects.get().pending is False
    assert not OAuthState.objects.exists()
