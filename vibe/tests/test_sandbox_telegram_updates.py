"""How updates reach the bot: asked for, waited for, posted."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from vibe.tests.sandbox_process import Sandbox, small_world
from vibe.tests.telegram_local import AGAIN, TOKEN, Chats, inline
from vibe.tests.telegram_schema import check, check_calls, check_updates


@pytest.fixture
def chats() -> Chats:
    return Chats()


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


def test_an_update_comes_again_until_a_higher_offset_acknowledges_it(chats):
    first, second = (chats.do("say", chat=7, text=text)["update_id"] for text in ("one", "two"))
    assert second == first + 1
    assert texts(chats.done("getUpdates")) == texts(chats.done("getUpdates", offset=first)) == ["one", "two"]
    assert texts(chats.done("getUpdates", limit=1)) == ["one"]
    assert texts(chats.done("getUpdates", offset=second)) == ["two"]
    assert texts(chats.done("getUpdates", offset=first)) == ["two"]
    assert chats.done("getUpdates", offset=second + 1) == []


def test_a_negative_offset_forgets_all_but_the_last(chats):
    for text in ("one", "two", "three"):
        chats.do("say", chat=7, text=text)
    assert texts(chats.done("getUpdates", offset=-1)) == ["three"]
    assert texts(chats.done("getUpdates")) == ["three"]


def test_the_kinds_wanted_stay_what_they_were_until_others_are_named(chats):
    chats.done("getUpdates", allowed_updates=["callback_query"])
    assert chats.do("say", chat=7, text="unheard")["update_id"] is None
    chats.done("getUpdates")
    assert chats.do("say", chat=7, text="unheard")["update_id"] is None
    chats.done("getUpdates", allowed_updates=[])
    assert chats.do("say", chat=7, text="heard")["update_id"]
    assert texts(chats.done("getUpdates")) == ["heard"]
    assert len(chats.rows()) == 3
    assert chats.refused("getUpdates", allowed_updates="message")[0] == 400


def test_an_update_can_be_delivered_twice_even_when_it_is_acknowledged(chats):
    update = chats.do("say", chat=7, text="one")["update_id"]
    chats.done("getUpdates", offset=update + 1)
    assert chats.do("again", update_id=update) == {"update_id": update}
    assert texts(chats.done("getUpdates", offset=update + 1)) == ["one"]
    assert chats.done("getUpdates", offset=update + 1) == []
    assert "no update 5" in chats.do("again", update_id=5)["error"]


def test_no_updates_are_asked_for_beside_a_webhook(chats):
    assert chats.done("setWebhook", url="https://bot.example.org/hook", secret_token="s_1-") is True
    assert chats.refused("getUpdates") == (
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
    info = chats.done("getWebhookInfo")
    assert (info["url"], info["pending_update_count"]) == ("https://bot.example.org/hook", 0)
    assert "s_1-" not in str(chats.look("calls"))
    chats.done("deleteWebhook")
    chats.do("say", chat=7, text="one")
    assert len(chats.done("getUpdates")) == 1
    chats.done("deleteWebhook", drop_pending_updates=True)
    assert chats.done("getUpdates") == []
    assert chats.done("getWebhookInfo")["url"] == ""


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": "http://bot.example.org/"}, "An HTTPS URL must be provided"),
        ({"url": "ftp://127.0.0.1/"}, "An HTTPS URL must be provided"),
        ({"url": "https://bot.example.org:8000/"}, "80, 88, 443 or 8443"),
        ({"url": "https://bot.example.org:port/"}, "invalid webhook URL"),
        ({"url": "http://127.0.0.1:1/", "secret_token": "no spaces"}, "secret token contains unallowed characters"),
    ],
)
def test_a_webhook_that_telegram_would_refuse_is_refused(chats, params, words):
    status, description = chats.refused("setWebhook", **params)
    assert status == 400
    assert words in description


def test_what_is_said_pressed_and_blocked_has_telegrams_form(chats):
    chats.do("say", chat=7, text="/start x and /help@sandbox_bot 🎧 /go", name="Anna", username="anna", language="ru")
    sent = chats.done("sendMessage", chat_id=7, text="hi", reply_markup=inline(AGAIN))
    chats.do("press", chat=7, message_id=sent["message_id"], data="again")
    chats.do("press", chat=7, message_id=99, data="x", forged=True)
    chats.do("block", chat=7)
    assert chats.do("block", chat=7) == {"update_id": None}
    chats.do("block", chat=7, blocked=False)
    chats.do("say", chat=-5, text="hello all", type="group", name="Friends", user=9)
    updates = chats.done("getUpdates")
    check_updates(updates)
    said, pressed, forged, left, back, group = (next(v for k, v in u.items() if k != "update_id") for u in updates)
    anna = {"id": 7, "is_bot": False, "first_name": "Anna", "username": "anna", "language_code": "ru"}
    assert said["from"] == pressed["from"] == left["from"] == anna
    assert [(one["offset"], one["length"]) for one in said["entities"]] == [(0, 6), (13, 17), (34, 3)]
    assert (pressed["data"], pressed["message"]["text"]) == ("again", "hi")
    assert pressed["message"]["reply_markup"] == inline(AGAIN)
    assert (forged["data"], forged["message"]["date"]) == ("x", 0)
    assert (left["old_chat_member"]["status"], left["new_chat_member"]["status"]) == ("member", "kicked")
    assert (back["old_chat_member"]["status"], back["new_chat_member"]["status"]) == ("kicked", "member")
    assert (group["chat"], group["from"]["id"]) == ({"id": -5, "type": "group", "title": "Friends"}, 9)


def test_any_other_update_can_be_put_in(chats):
    message = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "changed"}
    update = chats.do("update", edited_message=message)["update_id"]
    assert chats.done("getUpdates") == [{"update_id": update, "edited_message": message}]


def test_faults_strike_the_asking_as_well_and_lose_nothing(chats):
    chats.do("say", chat=7, text="one")
    for fault in ({"kind": "server_error"}, {"kind": "rate_limit", "seconds": 3}, {"kind": "malformed"}):
        chats.fault(**fault, service="telegram", path="getUpdates")
    assert [chats.ask("getUpdates").status_code for _ in range(2)] == [502, 429]
    assert chats.ask("getUpdates").get_data()[-1:] != b"}"
    assert texts(chats.done("getUpdates")) == ["one"]
    assert [row["status"] for row in chats.look("calls")] == [502, 429, 200, 200]
    check_calls(chats.look("calls"))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(small_world()) as running:
        yield running


def get_updates(sandbox: Sandbox, **params: Any) -> requests.Response:
    return requests.post(f"{sandbox.url}/bot{TOKEN}/getUpdates", data=params, timeout=30)


def is_asked(sandbox: Sandbox, times: int) -> None:
    while len([call for call in sandbox.telegram_calls() if call["method"] == "getUpdates"]) < times:
        time.sleep(0.02)


def test_a_long_poll_waits_for_an_update_and_holds_nobody_up(sandbox):
    sandbox.telegram_calls(clear=True)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(get_updates, sandbox, timeout=25)
        is_asked(sandbox, 1)
        # Answered while the other waits, by the process that waits.
        assert requests.get(f"{sandbox.url}/bot{TOKEN}/getMe", timeout=5).json()["ok"]
        assert not waiting.done()
        update = sandbox.say(7, "at last")["update_id"]
        assert texts(waiting.result().json()["result"]) == ["at last"]
    assert get_updates(sandbox, offset=update + 1).json()["result"] == []
    check(sandbox)


def test_a_newer_poll_ends_the_older_one(sandbox):
    with ThreadPoolExecutor(2) as pool:
        polls = [pool.submit(get_updates, sandbox, timeout=25) for _ in range(2)]
        ended = next(as_completed(polls)).result()  # which of them came first, the machine decides
        assert (ended.status_code, ended.json()["description"]) == (
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        )
        update = sandbox.say(7, "for the newer one")["update_id"]
        answers = [poll.result().json() for poll in polls]
    assert [texts(answer["result"]) for answer in answers if answer["ok"]] == [["for the newer one"]]
    get_updates(sandbox, offset=update + 1)


class Hook(BaseHTTPRequestHandler):
    """A bot's webhook that refuses the first two deliveries."""

    came: list[tuple[str, str | None]] = []
    enough = threading.Event()

    def do_POST(self) -> None:
        update = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.came.append((update["message"]["text"], self.headers["X-Telegram-Bot-Api-Secret-Token"]))
        self.send_response(500 if len(self.came) <= 2 else 200)
        self.end_headers()
        if len(self.came) == 5:
            self.enough.set()

    def log_message(self, *_: object) -> None:
        pass


def test_a_webhook_gets_each_update_in_order_with_its_secret_until_it_takes_it(sandbox):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        url = f"{sandbox.url}/bot{TOKEN}"
        form = {"url": f"http://127.0.0.1:{server.server_port}/hook", "secret_token": "a-secret"}
        assert requests.post(f"{url}/setWebhook", data=form, timeout=5).json()["ok"]
        first = sandbox.say(7, "one")["update_id"]
        sandbox.say(7, "two")
        sandbox.again(first)
        assert Hook.enough.wait(20)
        info = requests.get(f"{url}/getWebhookInfo", timeout=5).json()["result"]
        requests.post(f"{url}/deleteWebhook", timeout=5)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert {secret for _text, secret in Hook.came} == {"a-secret"}
    # "one" was refused twice; where its second delivery comes among the rest depends on when it was asked for.
    assert [text for text, _secret in Hook.came][:3] == ["one"] * 3
    assert sorted(text for text, _secret in Hook.came[3:]) == ["one", "two"]
    assert "500" in info["last_error_message"]
