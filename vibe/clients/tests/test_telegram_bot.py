from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
import requests

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.telegram_bot import BotClient
from vibe.clients.tests.conftest import NOW

API = "https://api.telegram.org/bot123:secret/"
KINDS = '["message", "callback_query", "my_chat_member"]'


@pytest.fixture
def client(meter, settings) -> BotClient:
    settings.TELEGRAM_API_URL = "https://api.telegram.org"
    return BotClient("123:secret", meter)


def form(web, number: int = 0) -> dict[str, str]:
    return dict(parse_qsl(web.calls[number].request.body))


def test_updates_are_asked_for_with_the_patience_of_the_poll(web, client):
    web.post(API + "getUpdates", json={"ok": True, "result": [{"update_id": 8}]})
    assert client.get_updates(7, 25) == [{"update_id": 8}]
    assert form(web) == {"timeout": "25", "allowed_updates": KINDS, "offset": "7"}
    assert web.calls[0].request.req_kwargs["timeout"] == (3.05, 35.0)


def test_the_first_poll_names_no_offset(web, client):
    web.post(API + "getUpdates", json={"ok": True, "result": []})
    assert client.get_updates(0, 0) == []
    assert "offset" not in form(web)


@pytest.mark.parametrize("result", [None, {}, True, [5], [{"message": {}}], [{"update_id": "8"}]])
def test_what_are_no_updates_is_malformed(web, client, result):
    web.post(API + "getUpdates", json={"ok": True, "result": result})
    with pytest.raises(ServiceError, match="malformed"):
        client.get_updates(0, 0)


def test_one_without_a_number_is_left_out(web, client):
    web.post(API + "getUpdates", json={"ok": True, "result": [{"update_id": 8}, None, {"update_id": 9}]})
    assert [update["update_id"] for update in client.get_updates(0, 0)] == [8, 9]


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [
        (409, "Conflict: terminated by other getUpdates request; make sure that only one bot is running", "conflict"),
        (409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook", "webhook_set"),
        (401, "Unauthorized", "bad_token"),
        (404, "Not Found", "bad_token"),
        (400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook", "bad_request"),
        (502, "Bad Gateway", "unavailable"),
    ],
)
def test_each_refusal_has_its_code(web, client, status, words, code):
    web.post(API + "getUpdates", status=status, json={"ok": False, "error_code": status, "description": words})
    with pytest.raises(ServiceError) as refused:
        client.get_updates(0, 0)
    assert (refused.value.code, refused.value.permanent) == (code, status < 500)
    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("error", [requests.ConnectionError, requests.ReadTimeout])
def test_no_error_of_the_network_names_the_token(web, client, error):
    web.post(API + "getUpdates", body=error(API))
    with pytest.raises(ServiceError) as failed:
        client.get_updates(0, 0)
    assert "secret" not in str(failed.value)
    assert failed.value.__suppress_context__


def test_a_limit_on_sending_does_not_keep_updates_from_coming(web, client, meter, time):
    meter.block(RateLimited("telegram", NOW + timedelta(hours=1)))
    web.post(API + "getUpdates", json={"ok": True, "result": []})
    web.post(API + "getMe", json={"ok": True, "result": {"username": "our_bot"}})
    assert client.get_updates(0, 0) == []
    assert client.get_me() == "our_bot"
    with pytest.raises(RateLimited):
        client.answer_callback("1")
    assert not time.slept


def test_what_is_no_message_waits_for_nobodys_pace(web, client, meter, time):
    meter.gaps = {"telegram": 5.0}
    web.post(API + "answerCallbackQuery", json={"ok": True, "result": True})
    for _ in range(3):
        client.answer_callback("1", "Gone")
    assert form(web) == {"callback_query_id": "1", "text": "Gone"}
    assert not time.slept


def test_a_limit_met_here_holds_the_messages_too(web, client, meter):
    web.post(API + "answerCallbackQuery", status=429, json={"ok": False, "parameters": {"retry_after": 40}})
    with pytest.raises(RateLimited):
        client.answer_callback("1")
    with pytest.raises(RateLimited) as held:
        meter.refuse_blocked("telegram")
    assert held.value.until == NOW + timedelta(seconds=40)


def test_the_webhook_is_set_with_its_secret_and_taken_back_with_nothing_lost(web, client):
    for method, result in (("setWebhook", True), ("deleteWebhook", True), ("getWebhookInfo", {"url": "https://x/"})):
        web.post(API + method, json={"ok": True, "result": result})
    client.set_webhook("https://x/", "s3cret")
    told = {"url": "https://x/", "secret_token": "s3cret", "allowed_updates": KINDS, "max_connections": "1"}
    assert form(web) == told
    assert client.webhook() == "https://x/"
    client.delete_webhook()
    assert form(web, 2) == {"drop_pending_updates": "false"}


def test_the_webhooks_state_is_read_and_what_is_none_is_malformed(web, client):
    told = {"url": "https://x.example", "pending_update_count": 3, "last_error_message": "Connection refused"}
    web.post(API + "getWebhookInfo", json={"ok": True, "result": told})
    assert client.webhook_state() == ("https://x.example", 3, "Connection refused")
    web.replace("POST", API + "getWebhookInfo", json={"ok": True, "result": []})
    with pytest.raises(ServiceError, match="malformed"):
        client.webhook_state()


def test_a_chat_is_known_by_its_kind(web, client):
    web.post(API + "getChat", json={"ok": True, "result": {"id": -5, "type": "group"}})
    assert client.chat_kind(-5) == "group"
    assert form(web) == {"chat_id": "-5"}


def test_commands_are_told_for_a_language_or_for_all_others(web, client):
    web.post(API + "setMyCommands", json={"ok": True, "result": True})
    client.set_commands([("help", "Помощь")], "ru")
    client.set_commands([("help", "Help")])
    assert json.loads(form(web)["commands"]) == [{"command": "help", "description": "Помощь"}]
    assert form(web)["language_code"] == "ru"
    assert "language_code" not in form(web, 1)


def test_the_last_word_is_short(web, client):
    web.post(API + "getUpdates", json={"ok": True, "result": []})
    client.acknowledge(9)
    assert form(web) == {"timeout": "0", "limit": "1", "offset": "9"}
    assert sum(web.calls[0].request.req_kwargs["timeout"]) <= 2
