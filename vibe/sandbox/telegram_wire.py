"""A call of the Bot API as its handlers see it, and how Telegram words an error."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox.state import Sandbox
from vibe.sandbox.telegram_state import Chat, Telegram, Upload
from vibe.sandbox.wire import VendorError, as_json

YES = frozenset({"true", "yes", "1"})


class TelegramError(VendorError):
    """`{"ok": false, "error_code", "description"[, "parameters"]}`."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters

    def response(self, _request: Request) -> Response:
        body = {"ok": False, "error_code": self.code, "description": self.description}
        return as_json(body | ({"parameters": self.parameters} if self.parameters else {}), self.code)


def bad(words: str) -> TelegramError:
    return TelegramError(400, f"Bad Request: {words}")


@dataclass(slots=True, frozen=True)
class Ask:
    """One call. `params` as they came: texts, or whatever JSON held. The methods raise TelegramError."""

    sandbox: Sandbox
    params: dict[str, Any]
    files: dict[str, Upload]

    @property
    def telegram(self) -> Telegram:
        return self.sandbox.telegram

    def text(self, name: str) -> str:
        value = self.params.get(name, "")
        return value if isinstance(value, str) else "" if value is None else json.dumps(value)

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """Telegram bends what is out of bounds, and takes what is no number for the default."""
        raw = self.text(name)
        return min(max(int(raw), least), most) if re.fullmatch(r"-?\d{1,15}", raw, re.ASCII) else default

    def flag(self, name: str) -> bool:
        return self.text(name).casefold() in YES

    def parsed(self, name: str, kind: type, words: str) -> Any:
        """What is JSON inside a form; None where it was not sent."""
        value = self.params.get(name)
        try:
            value = json.loads(value) if isinstance(value, str) and value else value or None
        except (ValueError, RecursionError):
            raise bad(words) from None
        if value is not None and not isinstance(value, kind):
            raise bad(words)
        return value

    def chat(self) -> Chat:
        """The chat named, whoever it is, unless he blocked the bot."""
        raw = self.text("chat_id")
        if not raw:
            raise bad("chat_id is empty")
        if not re.fullmatch(r"-?\d{1,15}", raw, re.ASCII) or not int(raw):
            raise bad("chat not found")
        chat = self.telegram.chat(int(raw))
        if chat.blocked:
            raise TelegramError(403, "Forbidden: bot was blocked by the user")
        return chat


def received(request: Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Parameters and files: of the query, a form, a multipart form or JSON. Raises TelegramError."""
    sent: dict[str, Any] = dict(request.values)
    if request.mimetype == "application/json":
        sent |= _json(request)
    try:
        json.dumps(sent, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        raise bad("strings must be encoded in UTF-8") from None
    return sent, {name: _upload(one) for name, one in request.files.items()}


def _json(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.get_data() or b"{}")
    except (ValueError, RecursionError) as error:
        raise bad("can't parse JSON object") from error
    if not isinstance(body, dict):
        raise bad("can't parse JSON object")
    return body


def _upload(one: Any) -> Upload:
    content = one.stream.read()
    one.stream.seek(0)  # the call's row reads it before its handler does
    return Upload(one.filename or "file", one.mimetype or "application/octet-stream", content)
