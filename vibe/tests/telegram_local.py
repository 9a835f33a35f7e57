"""The pretend Telegram inside the test's own process, from the bot's side and from that of people."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from vibe.tests.sandbox_local import Local

TOKEN = "123456:a-token"


class Chats(Local):
    """A sandbox with what a bot and people do in it."""

    def ask(self, method: str, **params: Any) -> TestResponse:
        return self.http.post(f"/bot{TOKEN}/{method}", json=params)

    def done(self, method: str, **params: Any) -> Any:
        """The result of a good answer."""
        answer = self.ask(method, **params).get_json()
        assert answer["ok"], answer
        return answer["result"]

    def refused(self, method: str, **params: Any) -> tuple[int, str]:
        answer = self.ask(method, **params)
        assert (answer.status_code, answer.get_json()["ok"]) == (answer.get_json()["error_code"], False)
        return answer.status_code, answer.get_json()["description"]

    def do(self, what: str, **body: Any) -> Any:
        """Something people do; the answer, refusals too."""
        return self.http.post(f"/_sandbox/telegram/{what}", json=body).get_json()

    def look(self, what: str, **query: Any) -> Any:
        return self.http.get(f"/_sandbox/telegram/{what}", query_string=query).get_json()

    def rows(self, chat: int = 7) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.look("chat", chat=chat)["rows"]
        return rows


def inline(*cells: dict[str, str]) -> dict[str, Any]:
    return {"inline_keyboard": [list(cells)]}


AGAIN = {"text": "Again", "callback_data": "again"}
