"""The second opinion itself: it must see what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vibe.tests.telegram_schema import check_calls, check_updates

MARKUP = {"inline_keyboard": [[{"text": "Open", "url": "https://example.org"}]]}


def call(method: str = "sendMessage", files: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    return {"method": method, "params": params, "files": files or {}}


def test_calls_as_forms_and_as_json_pass():
    check_calls(
        [
            call(chat_id="5", text="x", disable_notification="true", reply_markup=json.dumps(MARKUP)),
            call(chat_id=5, text="x", link_preview_options={"is_disabled": True}, reply_markup=MARKUP),
            call("getUpdates", offset="7", timeout="5", allowed_updates='["message", "callback_query"]'),
            call("sendDocument", {"document": {"name": "a.json", "size": 3}}, chat_id="5", caption="data"),
        ]
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (call("sendMesage", chat_id=1, text="x"), "sendMesage: there is no such method"),
        (call(chat_id=5), "sendMessage: .*text"),
        (call(chat_id=5, text="x", reply_markup="{"), "sendMessage: .*reply_markup"),
        (call(chat_id=5, text="x", reply_markup={"inline_keyboard": [{"text": "x"}]}), "sendMessage"),
        (call(chat_id=5, text="x", colour="red"), "sendMessage: nobody knows colour"),
        (call(chat_id=5, text="x", link_preview_options={"disabled": True}), r"nobody knows link_preview_options\."),
        (call("editMessageText", chat_id="5", message_id="five", text="x"), "editMessageText: .*message_id"),
        (call("setMyCommands", commands='[{"command": "go"}]'), "setMyCommands: .*description"),
        (call("sendDocument", chat_id="5"), "sendDocument: .*document"),
    ],
)
def test_a_wrong_call_is_named(wrong, words):
    with pytest.raises(AssertionError, match=f"(?s){words}"):
        check_calls([wrong])


def test_a_wrong_update_is_named():
    chat = {"id": 5, "type": "private"}
    message = {"message_id": 1, "date": 1, "chat": chat, "text": "x"}
    check_updates([{"update_id": 1, "message": message}])
    with pytest.raises(AssertionError, match=r"update 2 .*nobody knows message\.colour"):
        check_updates([{"update_id": 2, "message": message | {"colour": 1}}])
    person = {"id": 5, "is_bot": False, "first_name": "A"}
    with pytest.raises(AssertionError, match=r"(?s)update 3 \(callback_query\).*chat_instance"):
        check_updates([{"update_id": 3, "callback_query": {"id": "1", "from": person, "data": "x"}}])
