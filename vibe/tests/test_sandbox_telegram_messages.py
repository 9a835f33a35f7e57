"""What the bot may say, and what Telegram takes for a keyboard, a command, a file."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibe.sandbox.telegram import METHODS
from vibe.tests.telegram_local import AGAIN, TOKEN, Chats, inline
from vibe.tests.telegram_schema import check_calls

TEXT: dict[str, Any] = {"chat_id": 7, "text": "x"}


@pytest.fixture
def chats() -> Chats:
    return Chats()


def test_ids_count_in_each_chat_by_themselves(chats):
    chats.do("say", chat=7, text="hello")
    assert [chats.done("sendMessage", **TEXT | {"chat_id": chat})["message_id"] for chat in (7, 8, 8)] == [2, 1, 2]


def test_a_transcript_has_both_sides_as_they_are_now(chats):
    chats.do("say", chat=7, text="/latest")
    links = inline({"text": "Open", "url": "https://example.org/a?b=1"}, AGAIN)
    chats.done("sendMessage", chat_id=7, text="<b>A</b> &amp; b", parse_mode="HTML", reply_markup=links)
    keys = {"keyboard": [["One", {"text": "Two"}]], "resize_keyboard": True}
    gone = chats.done("sendMessage", **TEXT, disable_notification=True, reply_markup=keys)["message_id"]
    said, card, last = chats.rows()
    assert (said["direction"], said["text"], said["message_id"]) == ("user", "/latest", 1)
    assert (card["html"], card["text"], card["silent"]) == ("<b>A</b> &amp; b", "A & b", False)
    assert card["buttons"] == [
        [{"text": "Open", "url": "https://example.org/a?b=1"}, {"text": "Again", "data": "again"}]
    ]
    assert (last["keyboard"], last["silent"]) == ([["One", "Two"]], True)
    chats.done("editMessageReplyMarkup", chat_id=7, message_id=2)
    chats.done("deleteMessage", chat_id=7, message_id=gone)
    assert [(row["message_id"], row["edited"], row["buttons"]) for row in chats.rows()] == [(1, 0, []), (2, 1, [])]
    assert chats.refused("deleteMessage", chat_id=7, message_id=gone)[1].endswith("message to delete not found")
    assert chats.refused("editMessageText", chat_id=7, message_id=1, text="no")[1].endswith("can't be edited")
    assert len(chats.http.get("/_sandbox/state").get_json()["messages"]) == 1


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("[]", "object expected"),
        ("{", "object expected"),
        ({"inline_keyboard": [AGAIN]}, "Array of Arrays"),
        ({"keyboard": "x"}, "Array of Arrays"),
        ({"keyboard": [[{"text": " "}]]}, "non-empty"),
        (inline({"text": "", "callback_data": "x"}), "non-empty"),
        (inline({"text": "x"}), "Text buttons are unallowed"),
        (inline({"text": "x", "callback_data": ""}), "BUTTON_DATA_INVALID"),
        (inline({"text": "x", "callback_data": "я" * 33}), "BUTTON_DATA_INVALID"),
        (inline({"text": "x", "callback_data": "x", "url": "https://a.b"}), "exactly one of url, callback_data"),
        (inline({"text": "x", "url": ""}), "is invalid"),
        (inline({"text": "x", "url": "http://localhost:8000/"}), "Wrong HTTP URL"),
        (inline({"text": "x", "url": "javascript://a.b/"}), "Unsupported URL protocol"),
        (inline({"text": "x", "url": "http://a.b:port/"}), "Wrong port number"),
        (inline(*[AGAIN] * 101), "REPLY_MARKUP_TOO_LONG"),
    ],
)
def test_a_keyboard_that_telegram_would_refuse_is_refused(chats, markup, words):
    status, description = chats.refused("sendMessage", **TEXT, reply_markup=markup)
    assert status == 400
    assert words in description
    assert chats.rows() == []


@pytest.mark.parametrize(
    "markup",
    [
        inline({"text": "x", "callback_data": "я" * 32}),
        inline({"text": "x", "url": "http://127.0.0.1:8000/connect/?state=a"}),
        inline({"text": "x", "url": "http://[::1]:8000/"}),
        {"remove_keyboard": True},
        {"force_reply": True},
    ],
)
def test_a_keyboard_within_the_limits_passes(chats, markup):
    chats.done("sendMessage", **TEXT, reply_markup=markup)
    check_calls(chats.look("calls"))


def test_an_edit_takes_no_reply_keyboard(chats):
    chats.done("sendMessage", **TEXT)
    answer = chats.refused("editMessageText", chat_id=7, message_id=1, text="y", reply_markup={"keyboard": [["x"]]})
    assert answer == (400, "Bad Request: inline keyboard expected")


def test_a_press_is_answered_once_and_only_buttons_that_are_there_can_be_pressed(chats):
    chats.done("sendMessage", **TEXT, reply_markup=inline(AGAIN))
    assert "no button with this data" in chats.do("press", chat=7, message_id=1, data="other")["error"]
    assert "no button with this data" in chats.do("press", chat=7, message_id=2, data="again")["error"]
    query = chats.do("press", chat=7, message_id=1, data="again")["callback_query_id"]
    assert chats.refused("answerCallbackQuery", callback_query_id=query, text="x" * 201)[1].endswith("MESSAGE_TOO_LONG")
    assert chats.done("answerCallbackQuery", callback_query_id=query, text="Done") is True
    assert chats.look("chat", chat=7)["toasts"] == [{"text": "Done", "alert": False}]
    for spent in (query, "5", ""):
        assert chats.refused("answerCallbackQuery", callback_query_id=spent) == (
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        )


def test_who_blocked_the_bot_is_not_written_to(chats):
    chats.done("sendMessage", **TEXT)
    chats.do("block", chat=7)
    for method, params in (
        ("sendMessage", TEXT),
        ("editMessageText", {"chat_id": 7, "message_id": 1, "text": "y"}),
        ("sendChatAction", {"chat_id": 7, "action": "typing"}),
        ("sendDocument", {"chat_id": 7, "document": "x"}),
    ):
        assert chats.refused(method, **params) == (403, "Forbidden: bot was blocked by the user")
    assert "blocked the bot" in chats.do("say", chat=7, text="x")["error"]
    chats.done("sendMessage", **TEXT | {"chat_id": 8})
    chats.do("block", chat=7, blocked=False)
    assert chats.done("sendMessage", **TEXT)["message_id"] == 2


def test_a_file_is_kept_and_can_be_sent_again_by_its_id(chats):
    upload = {"chat_id": "7", "caption": "<b>data</b>", "parse_mode": "HTML", "document": "attach://it"}
    form = {**upload, "it": (io.BytesIO(b'{"a": 1}'), "data.json", "application/json")}
    sent = chats.http.post(f"/bot{TOKEN}/sendDocument", data=form).get_json()["result"]
    assert (sent["caption"], sent["document"]["file_name"]) == ("data", "data.json")
    photo = {"chat_id": "7", "photo": (io.BytesIO(b"\xff\xd8\xff"), "cover.jpg", "image/jpeg")}
    kept = chats.http.post(f"/bot{TOKEN}/sendPhoto", data=photo).get_json()["result"]["photo"][0]["file_id"]
    chats.done("sendPhoto", chat_id=7, photo=kept)
    chats.done("sendPhoto", chat_id=7, photo="https://example.org/a.jpg")
    documents = [row["document"] for row in chats.rows()]
    assert [one["name"] for one in documents] == ["data.json", "cover.jpg", "cover.jpg", "https://example.org/a.jpg"]
    assert (documents[0]["content"], documents[1]["content"]) == ('{"a": 1}', None)
    assert chats.refused("sendDocument", chat_id=7)[1].endswith("there is no document in the request")
    assert "wrong remote file identifier" in chats.refused("sendPhoto", chat_id=7, photo="nope")[1]
    assert "no text in the message" in chats.refused("editMessageText", chat_id=7, message_id=1, text="x")[1]
    assert chats.refused("sendPhoto", chat_id=7, photo=kept, caption="x" * 1025)[1].endswith("caption is too long")


def test_commands_are_kept_by_scope_and_language(chats):
    def command(about: str) -> list[dict[str, str]]:
        return [{"command": "go", "description": about}]

    chats.done("setMyCommands", commands=command("Begin"))
    chats.done("setMyCommands", commands=command("Начать"), language_code="ru")
    chats.done("setMyCommands", commands=command("Здесь"), language_code="ru", scope={"type": "all_private_chats"})
    assert chats.done("getMyCommands", language_code="ru") == command("Начать")
    assert chats.look("commands") == {"": command("Begin"), "ru": command("Здесь")}
    chats.done("deleteMyCommands", language_code="ru", scope={"type": "all_private_chats"})
    assert chats.look("commands")["ru"] == command("Начать")
    chats.done("setMyDescription", description="What it does", language_code="en")
    chats.done("setMyShortDescription", short_description="Short")
    check_calls(chats.look("calls"))


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"commands": "x"},
        {"commands": [{"command": "Go", "description": "x"}]},
        {"commands": [{"command": "/go", "description": "x"}]},
        {"commands": [{"command": "g" * 33, "description": "x"}]},
        {"commands": [{"command": "go", "description": ""}]},
        {"commands": [{"command": "go", "description": "x" * 257}]},
        {"commands": [{"command": "go", "description": "x"}] * 101},
        {"commands": [], "language_code": "russian"},
        {"commands": [], "scope": {"type": "everybody"}},
        {"commands": [], "scope": {"type": "chat"}},
    ],
)
def test_commands_that_telegram_would_refuse_are_refused(chats, params):
    assert chats.refused("setMyCommands", **params)[0] == 400


def test_every_call_is_listed_with_what_telegram_would_have_ignored(chats):
    chats.ask("sendMessage", **TEXT, colour="red")
    chats.fault(kind="rate_limit", service="telegram")
    chats.ask("sendMessage", **TEXT)
    chats.ask("sendPigeon", chat_id=7)
    rows = chats.look("calls", clear=1)
    assert [(row["method"], row["status"], row["unknown"]) for row in rows] == [
        ("sendMessage", 200, ["colour"]),
        ("sendMessage", 429, []),
        ("sendPigeon", 404, []),
    ]
    assert rows[0]["params"] == TEXT | {"colour": "red"}
    assert rows[1]["fault"] == "rate_limit"
    assert TOKEN not in str(rows)
    assert chats.look("calls") == []


@pytest.mark.parametrize("body", [b'{"chat_id": 7, "text": "\\ud800"}', b"[1]", b"{", b"\xff"])
def test_rubbish_is_refused(chats, body):
    answer = chats.http.post(f"/bot{TOKEN}/sendMessage", data=body, content_type="application/json")
    assert answer.status_code == 400


CHATS = Chats()
PARAMETERS = sorted(set().union(*(method.parameters for method in METHODS.values())) - {"timeout"})
VALUES = st.sampled_from(["7", "-1", "1", "true", "HTML", "[]", "{}", "[[1]]", '{"inline_keyboard": [[{}]]}', "file-1"])


@given(
    method=st.sampled_from(sorted(METHODS)),
    params=st.dictionaries(st.sampled_from(PARAMETERS), VALUES | st.text(max_size=8), max_size=6),
)
def test_any_call_is_taken_or_refused(method, params):
    answer = CHATS.ask(method, **params)
    assert answer.status_code in (200, 400, 409)
    assert answer.get_json()["ok"] is (answer.status_code == 200)


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("say", {"chat": 0, "text": "x"}),
        ("say", {"chat": "7", "text": "x"}),
        ("say", {"chat": 7, "text": " "}),
        ("say", {"chat": 7, "text": "x" * 4097}),
        ("say", {"chat": 7, "text": 5}),
        ("say", {"chat": -7, "text": "x", "type": "private"}),
        ("say", {"chat": 7, "text": "x", "name": ["x"]}),
        ("press", {"chat": 7, "message_id": 1}),
        ("block", {"chat": 7, "blocked": "yes"}),
        ("again", {}),
        ("update", {"message": 1}),
    ],
)
def test_what_people_cannot_do_is_refused_with_a_reason(chats, what, body):
    assert chats.http.post(f"/_sandbox/telegram/{what}", json=body).status_code == 400
    assert chats.do(what, **body)["error"]
    assert chats.look("updates") == []


def test_an_unknown_word_lists_the_known_ones(chats):
    assert "POST /_sandbox/telegram/say" in chats.look("dance")["error"]
