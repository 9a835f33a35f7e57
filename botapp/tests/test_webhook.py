from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses as faked
from django.db import OperationalError, connection

from accounts.models import Outbox, User
from botapp import views, webhook
from botapp.models import HandledUpdate

pytestmark = pytest.mark.django_db
PATH = "/telegram/webhook/"
API = "https://api.telegram.org/bot123456:a-token/"
ANN = {"id": 7, "is_bot": False, "first_name": "Ann"}
UPDATE = {
    "update_id": 5,
    "message": {"message_id": 1, "from": ANN, "chat": ANN | {"type": "private"}, "date": 1, "text": "/nothing"},
}


@pytest.fixture(autouse=True)
def telegram(settings) -> Iterator[faked.RequestsMock]:
    settings.TELEGRAM_BOT_TOKEN = "123456:a-token"
    settings.TELEGRAM_MODE = "webhook"
    settings.TELEGRAM_API_URL = "https://api.telegram.org"
    settings.BOT_OPEN = True
    views._intake.cache_clear()
    with faked.RequestsMock(assert_all_requests_are_fired=False) as web:
        web.post(API + "sendMessage", json={"ok": True, "result": {"message_id": 77}})
        yield web
    views._intake.cache_clear()


def brought(client, update: Any = UPDATE, secret: str | None = None, **headers: str) -> int:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    headers[webhook.HEADER] = webhook.secret() if secret is None else secret
    return int(client.post(PATH, body, content_type="application/json", headers=headers).status_code)


def test_an_update_is_taken_and_answered(client, telegram):
    assert brought(client) == 200
    assert [call.request.url for call in telegram.calls] == [API + "sendMessage"]
    assert Outbox.objects.get().status == "sent"


def test_an_update_that_is_brought_twice_is_answered_once(client, telegram):
    assert brought(client) == brought(client) == 200
    assert len(telegram.calls) == 1


def test_only_who_knows_the_secret_is_heard(client, settings, telegram):
    settings.TELEGRAM_BOT_TOKEN = "123456:another"
    of_another_token = webhook.secret()
    settings.TELEGRAM_BOT_TOKEN = "123456:a-token"
    for secret in ("", "wrong", webhook.secret()[:-1], of_another_token, "ы"):
        assert brought(client, secret=secret) == 403
    assert client.post(PATH, b"{}", content_type="application/json").status_code == 403
    assert not telegram.calls
    assert not User.objects.exists()


def test_the_secret_is_one_that_telegram_takes():
    assert len(webhook.secret()) == 64
    assert webhook.secret().isalnum()


@pytest.mark.parametrize("change", [{"TELEGRAM_MODE": "polling"}, {"TELEGRAM_BOT_TOKEN": ""}])
def test_where_there_is_no_webhook_there_is_no_door(client, settings, change):
    secret = webhook.secret()
    for name, value in change.items():
        setattr(settings, name, value)
    assert brought(client, secret=secret) == 404


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_only_post_is_answered(client, method):
    assert getattr(client, method)(PATH).status_code == 405


def test_an_address_that_ends_otherwise_is_none(client):
    assert client.post("/telegram/webhook").status_code in (301, 404)


def test_a_huge_body_is_not_read(client):
    assert brought(client, b"x" * (views.LONGEST + 1)) == 413
    assert brought(client, b"{}", **{"Content-Length": "many"}) == 413


@pytest.mark.parametrize("body", [b"", b"nonsense", b"\xff\xfe", b"[" * 100_000, b"[]", b"null", b'{"update_id": 1}'])
def test_rubbish_is_taken_so_that_it_does_not_come_again(client, body, telegram):
    assert brought(client, body) == 200
    assert not telegram.calls


def test_while_the_database_is_away_telegram_is_to_bring_it_later(client, telegram):
    def away(*_: Any) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(away):
        assert brought(client) == 503
    assert brought(client) == 200
    assert len(telegram.calls) == 1
    assert HandledUpdate.objects.count() == 1


def test_what_telegram_does_not_take_now_waits(client, telegram):
    telegram.replace("POST", API + "sendMessage", status=502)
    assert brought(client) == 200
    assert Outbox.objects.get().status == "pending"


def test_what_there_is_no_time_to_say_waits_for_the_outbox(client, telegram, monkeypatch):
    monkeypatch.setattr(views, "HASTE", -1.0)
    assert brought(client) == 200
    assert not telegram.calls
    assert Outbox.objects.get().status == "pending"


def test_the_flood_rule_holds_here_too(client, telegram):
    for number in range(25):
        assert brought(client, UPDATE | {"update_id": number}) == 200
    assert sorted(Outbox.objects.values_list("kind", flat=True)) == ["flood", *["unknown"] * 20]
