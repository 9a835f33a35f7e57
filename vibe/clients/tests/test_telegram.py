from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
import requests

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.telegram import TelegramClient
from vibe.clients.tests.conftest import NOW

API = "https://api.telegram.org/bot123:secret/"


@pytest.fixture
def client(meter, settings) -> TelegramClient:
    settings.TELEGRAM_API_URL = "https://api.telegram.org"
    return TelegramClient("123:secret", meter)


def test_a_message_is_said_in_the_body_and_not_in_the_address(web, client, meter):
    web.post(API + "sendMessage", json={"ok": True, "result": {"message_id": 77}})
    assert client.send_message(-100, "<b>Привет</b>") == 77
    request = web.calls[0].request
    assert request.url == API + "sendMessage"
    assert dict(parse_qsl(request.body)) == {
        "chat_id": "-100",
        "text": "<b>Привет</b>",
        "parse_mode": "HTML",
        "link_preview_options": '{"is_disabled": true}',
    }
    assert meter.calls == {("telegram", "sendMessage"): 1}


def test_buttons_are_sent_as_they_are_and_a_message_may_be_silent(web, client):
    web.post(API + "sendMessage", json={"ok": True, "result": {"message_id": 1}})
    markup = {"inline_keyboard": [[{"text": "Open", "url": "https://example.org/?a=1&b=2"}]]}
    client.send_message(1, "hi", markup=markup, silent=True)
    form = dict(parse_qsl(web.calls[0].request.body))
    assert json.loads(form["reply_markup"]) == markup
    assert form["disable_notification"] == "true"


def test_an_edit_names_its_message_and_is_repeated_after_a_passing_failure(web, client):
    web.post(API + "editMessageText", status=502)
    web.post(API + "editMessageText", json={"ok": True, "result": {"message_id": 5}})
    client.edit_message(1, 5, "new", markup={"inline_keyboard": [[{"text": "Open", "url": "https://example.org"}]]})
    form = dict(parse_qsl(web.calls[1].request.body))
    assert (form["message_id"], form["text"], "reply_markup" in form) == ("5", "new", True)


def test_an_edit_that_changes_nothing_is_a_success(web, client):
    said = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    web.post(API + "editMessageText", status=400, json={"ok": False, "error_code": 400, "description": said})
    client.edit_message(1, 5, "same")
    assert len(web.calls) == 1


@pytest.mark.parametrize("said", ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"])
def test_a_message_that_cannot_be_edited_is_gone(web, client, said):
    answer = {"ok": False, "error_code": 400, "description": f"Bad Request: {said}"}
    web.post(API + "editMessageText", status=400, json=answer)
    with pytest.raises(ServiceError) as refused:
        client.edit_message(1, 5, "new")
    assert (refused.value.code, refused.value.permanent) == ("message_gone", True)


def test_the_bot_knows_its_name(web, client):
    web.post(API + "getMe", json={"ok": True, "result": {"id": 123, "username": "vibe_bot"}})
    assert client.get_me() == "vibe_bot"


def test_a_question_is_repeated_after_a_passing_failure(web, client):
    web.post(API + "getMe", status=502)
    web.post(API + "getMe", json={"ok": True, "result": {"username": "vibe_bot"}})
    assert client.get_me() == "vibe_bot"


@pytest.mark.parametrize(
    ("status", "description", "code"),
    [
        (403, "Forbidden: bot was blocked by the user", "blocked"),
        (403, "Forbidden: user is deactivated", "blocked"),
        (400, "Bad Request: chat not found", "chat_not_found"),
        (400, "Bad Request: can't parse entities", "bad_request"),
        (401, "Unauthorized", "bad_token"),
        (404, "Not Found", "bad_token"),
    ],
)
def test_a_refusal_that_stays_is_permanent(web, client, status, description, code):
    web.post(API + "sendMessage", status=status, json={"ok": False, "error_code": status, "description": description})
    with pytest.raises(ServiceError) as refused:
        client.send_message(1, "hi")
    assert (refused.value.code, refused.value.permanent) == (code, True)


@pytest.mark.parametrize(("parameters", "seconds"), [({"retry_after": 35}, 35), ({}, 30), (None, 30)])
def test_a_flood_limit_says_until_when(web, client, parameters, seconds):
    web.post(API + "sendMessage", status=429, json={"ok": False, "error_code": 429, "parameters": parameters})
    with pytest.raises(RateLimited) as refused:
        client.send_message(1, "hi")
    assert refused.value.until == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"body": requests.ConnectionError(f"HTTPSConnectionPool: {API}sendMessage")}, "connection"),
        ({"body": requests.ReadTimeout(f"{API}sendMessage")}, "timeout"),
        ({"status": 502, "body": "<html>"}, "unavailable"),
        ({"body": "<html>"}, "malformed"),
        ({"json": {"ok": True, "result": True}}, "malformed"),
        ({"json": {"ok": True, "result": {}}}, "malformed"),
    ],
)
def test_a_failure_holds_no_token_and_a_message_is_not_said_twice(web, client, answer, code):
    web.post(API + "sendMessage", **answer)
    with pytest.raises(ServiceError) as refused:
        client.send_message(1, "hi")
    assert (refused.value.code, refused.value.permanent, len(web.calls)) == (code, False, 1)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
