"""The Telegram of the sandbox, through the real pyTelegramBotAPI."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import telebot
from telebot import apihelper
from werkzeug.serving import make_server

from vibe.sandbox.server import QuietHandler, application
from vibe.tests.sandbox_local import Local
from vibe.tests.telegram_schema import check_calls, check_updates

TOKEN = "123456:a-token"


@pytest.fixture
def local() -> Local:
    return Local()


@pytest.fixture
def bot(local: Local, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    server = make_server("127.0.0.1", 0, application(local.sandbox), threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    monkeypatch.setattr(apihelper, "API_URL", f"http://127.0.0.1:{server.server_port}/bot{{0}}/{{1}}")
    library: Any = telebot.TeleBot
    yield library(TOKEN, threaded=False)
    session: Any = apihelper._get_req_session
    session(reset=True).close()
    server.shutdown()
    thread.join()
    server.server_close()


def messages(local: Local) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = local.http.get("/_sandbox/state").get_json()["messages"]
    return sent


def test_the_bot_knows_itself(bot):
    assert (bot.get_me().is_bot, bot.get_me().username) == (True, "sandbox_bot")


def test_a_message_is_kept_with_its_markup_and_can_be_edited(bot, local):
    markup = telebot.types.InlineKeyboardMarkup()
    markup.add(telebot.types.InlineKeyboardButton("Open", url="https://example.org"))
    sent = bot.send_message(42, "<b>Готово</b> &amp; fine", parse_mode="HTML", reply_markup=markup)
    assert (sent.text, sent.chat.id) == ("Готово & fine", 42)
    assert messages(local)[0]["reply_markup"]["inline_keyboard"][0][0]["text"] == "Open"
    bot.edit_message_text("New", 42, sent.message_id)
    assert [(row["text"], row["edited"]) for row in messages(local)] == [("New", 1)]


def refused(ask: Any) -> tuple[int, str]:
    with pytest.raises(apihelper.ApiTelegramException) as caught:
        ask()
    return caught.value.error_code, caught.value.description


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"text": " "}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "<h1>x</h1>", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "x</b>", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "I <3 U", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "<!-- x -->y", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "x<br/>", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": '<span class="big">x</span>', "parse_mode": "HTML"}, "must have class"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "x", "reply_markup": "[]"}, "reply markup"),
    ],
)
def test_what_telegram_would_refuse_is_refused(bot, local, options, words):
    code, description = refused(lambda: bot.send_message(**{"chat_id": 1} | options))
    assert code == 400
    assert words in description
    assert messages(local) == []


def test_a_message_of_the_full_length_passes_with_its_tags_on_top(bot):
    assert len(bot.send_message(1, f"<b>{'я' * 4096}</b>", parse_mode="HTML").text) == 4096


def test_editing_needs_a_message_and_a_change(bot):
    sent = bot.send_message(1, "same")
    assert "not modified" in refused(lambda: bot.edit_message_text("same", 1, sent.message_id))[1]
    assert "not found" in refused(lambda: bot.edit_message_text("new", 2, sent.message_id))[1]


def test_a_bot_is_driven_from_start_to_finish(bot, local):
    """Plain telebot, as its own documents use it."""
    bot.set_my_commands([telebot.types.BotCommand("start", "Начать")], language_code="ru")
    bot.set_my_commands([telebot.types.BotCommand("start", "Begin")])
    assert [one.description for one in bot.get_my_commands(language_code="ru")] == ["Начать"]
    seen: list[tuple[str, str]] = []

    def start(message: Any) -> None:
        seen.append(("start", message.from_user.language_code))
        markup = telebot.types.InlineKeyboardMarkup()
        markup.add(telebot.types.InlineKeyboardButton("Again", callback_data="again"))
        bot.send_message(message.chat.id, "hi", reply_markup=markup)

    def press(call: Any) -> None:
        seen.append((call.data, call.message.text))
        bot.edit_message_text("hi again", call.message.chat.id, call.message.message_id)
        bot.answer_callback_query(call.id, "done", show_alert=True)
        bot.send_chat_action(call.message.chat.id, "typing")
        bot.send_document(call.message.chat.id, ("data.json", b"{}"), caption="data")

    bot.register_message_handler(start, commands=["start"])
    bot.register_callback_query_handler(press, func=lambda _call: True)
    local.http.post("/_sandbox/telegram/say", json={"chat": 7, "text": "/start", "language": "ru"})
    bot.process_new_updates(bot.get_updates(timeout=1))
    local.http.post("/_sandbox/telegram/press", json={"chat": 7, "message_id": 2, "data": "again"})
    bot.process_new_updates(bot.get_updates(offset=bot.last_update_id + 1, timeout=1))
    assert seen == [("start", "ru"), ("again", "hi")]
    kept = local.http.get("/_sandbox/telegram/chat?chat=7").get_json()
    assert [(row["direction"], row["text"], row["edited"]) for row in kept["rows"]] == [
        ("user", "/start", 0),
        ("bot", "hi again", 1),
        ("bot", "data", 0),
    ]
    assert (kept["rows"][2]["document"]["name"], kept["rows"][2]["document"]["size"]) == ("data.json", 2)
    assert kept["toasts"] == [{"text": "done", "alert": True}]
    check_calls(local.http.get("/_sandbox/telegram/calls").get_json())
    check_updates(local.http.get("/_sandbox/telegram/updates").get_json())


def test_scripted_refusals(bot, local):
    for kind in ("blocked", "chat_not_found", "rate_limit"):
        local.fault(
            kind=kind, service="telegram", path="sendMessage", **({"seconds": 7} if kind == "rate_limit" else {})
        )
    assert refused(lambda: bot.send_message(1, "x")) == (403, "Forbidden: bot was blocked by the user")
    assert refused(lambda: bot.send_message(1, "x")) == (400, "Bad Request: chat not found")
    with pytest.raises(apihelper.ApiTelegramException) as caught:
        bot.send_message(1, "x")
    assert caught.value.result_json["parameters"] == {"retry_after": 7}
    assert bot.send_message(1, "x").message_id == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [(f"/bot{TOKEN}/noSuchMethod", 404), ("/botwrong/getMe", 401), ("/bot1:wrong/getMe", 401), (f"/bot{TOKEN}", 404)],
)
def test_unknown_methods_and_tokens_are_told_apart(local, path, status):
    answer = local.http.get(path)
    assert (answer.status_code, answer.get_json()["ok"], answer.get_json()["error_code"]) == (status, False, status)


def test_a_chat_is_told_of_only_after_it_wrote(local):
    asked = f"/bot{TOKEN}/getChat?chat_id=5"
    assert local.http.get(asked).get_json()["description"] == "Bad Request: chat not found"
    local.http.post("/_sandbox/telegram/say", json={"chat": 5, "text": "hi", "name": "Ann"})
    told = local.http.get(asked).get_json()["result"]
    assert (told["type"], told["first_name"]) == ("private", "Ann")
    import_module("aiogram.types").ChatFullInfo.model_validate(told)


def test_a_token_may_be_refused_by_a_fault(local):
    local.fault(kind="unauthorized", path="/bot.*/getMe")
    assert local.http.get(f"/bot{TOKEN}/getMe").status_code == 401


def test_a_vendors_answer_bears_the_time_of_the_sandboxs_clock(local):
    local.later(days=400)
    assert local.http.get(f"/bot{TOKEN}/getMe").date == local.sandbox.clock.now()


def test_parameters_may_come_as_json(local):
    answer = local.http.post(f"/bot{TOKEN}/sendMessage", json={"chat_id": 5, "text": "x", "reply_markup": {"a": 1}})
    assert answer.get_json()["result"]["chat"]["id"] == 5
    assert local.http.post(f"/bot{TOKEN}/sendMessage", json=[1]).status_code == 400


def test_the_token_stays_out_of_the_calls(local):
    local.http.get(f"/bot{TOKEN}/getMe")
    (row,) = local.http.get("/_sandbox/calls").get_json()
    assert (row["path"], row["family"]) == ("/bot…/getMe", "getMe")
