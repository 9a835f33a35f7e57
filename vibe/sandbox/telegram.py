"""Telegram's Bot API: enough to send and edit messages; the rest answers 404."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox.state import Sandbox
from vibe.sandbox.wire import VendorError, as_json

PATH = re.compile(r"/bot(?P<token>[^/]*)/(?P<method>[^/]*)")
TAGS = frozenset(
    {
        *("b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a"),
        *("tg-emoji", "code", "pre", "blockquote"),
    }
)
LONGEST = 4096


class TelegramError(VendorError):
    """`{"ok": false, "error_code", "description"[, "parameters"]}`."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters

    def response(self, _request: Request) -> Response:
        body = {"ok": False, "error_code": self.code, "description": self.description}
        return as_json(body | ({"parameters": self.parameters} if self.parameters else {}), self.code)


def answer(sandbox: Sandbox, request: Request) -> Response:
    """GET or POST /bot<token>/<method>, parameters in any of Telegram's forms. Raises TelegramError."""
    match = PATH.fullmatch(request.path)
    if match is None:
        raise TelegramError(404, "Not Found")
    if not re.fullmatch(r"\d+:[\w-]+", match["token"]):
        raise TelegramError(401, "Unauthorized")
    handler = METHODS.get(match["method"].casefold())
    if handler is None:
        raise TelegramError(404, "Not Found: method not found")
    return as_json({"ok": True, "result": handler(sandbox, _params(request), match["token"])})


def _params(request: Request) -> dict[str, Any]:
    """Query, form or JSON. Raises TelegramError."""
    sent: dict[str, Any] = dict(request.values)
    if request.mimetype == "application/json":
        try:
            body = json.loads(request.get_data() or b"{}")
        except (ValueError, RecursionError) as error:
            raise TelegramError(400, "Bad Request: can't parse JSON object") from error
        if not isinstance(body, dict):
            raise TelegramError(400, "Bad Request: can't parse JSON object")
        sent |= body
    return sent


def _bot(token: str) -> dict[str, Any]:
    return {
        "id": int(token.partition(":")[0][:15]),
        "is_bot": True,
        "first_name": "Daily Vibe",
        "username": "sandbox_bot",
    }


def get_me(_sandbox: Sandbox, _params: Mapping[str, Any], token: str) -> dict[str, Any]:
    abilities = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries", "can_connect_to_business")
    return _bot(token) | dict.fromkeys((*abilities, "has_main_web_app"), False)


def send_message(sandbox: Sandbox, params: Mapping[str, Any], token: str) -> dict[str, Any]:
    kept = {"message_id": len(sandbox.messages) + 1, "chat_id": _chat(params), "edited": 0} | _content(params)
    sandbox.messages.append(kept)
    return _message(sandbox, kept, token)


def edit_message_text(sandbox: Sandbox, params: Mapping[str, Any], token: str) -> dict[str, Any]:
    chat, wanted = _chat(params), str(params.get("message_id", ""))
    kept = next((m for m in sandbox.messages if m["chat_id"] == chat and str(m["message_id"]) == wanted), None)
    if kept is None:
        raise TelegramError(400, "Bad Request: message to edit not found")
    content = _content(params)
    if all(kept[name] == value for name, value in content.items()):
        raise TelegramError(
            400,
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message",
        )
    kept.update(content, edited=kept["edited"] + 1)
    return _message(sandbox, kept, token)


def _chat(params: Mapping[str, Any]) -> int:
    raw = str(params.get("chat_id", ""))
    if not raw:
        raise TelegramError(400, "Bad Request: chat_id is empty")
    if not re.fullmatch(r"-?\d{1,15}", raw):
        raise TelegramError(400, "Bad Request: chat not found")
    return int(raw)


def _content(params: Mapping[str, Any]) -> dict[str, Any]:
    text, mode = params.get("text", ""), str(params.get("parse_mode") or "")
    if not isinstance(text, str) or not text.strip():
        raise TelegramError(400, "Bad Request: message text is empty")
    if mode not in ("", "HTML", "MarkdownV2", "Markdown"):
        raise TelegramError(400, "Bad Request: unsupported parse_mode")
    if len(_shown(text) if mode == "HTML" else text) > LONGEST:
        raise TelegramError(400, "Bad Request: message is too long")
    return {"text": text, "parse_mode": mode, "reply_markup": _markup(params.get("reply_markup"))}


def _markup(raw: Any) -> Any:
    try:
        markup = json.loads(raw) if isinstance(raw, str) and raw else raw or None
    except (ValueError, RecursionError):
        markup = raw
    if markup is not None and not isinstance(markup, dict):
        raise TelegramError(400, "Bad Request: object expected as reply markup")
    return markup


def _message(sandbox: Sandbox, kept: Mapping[str, Any], token: str) -> dict[str, Any]:
    chat = {"id": kept["chat_id"], "type": "private", "first_name": "Listener"}
    now = int(sandbox.clock.now().timestamp())
    text = _shown(kept["text"]) if kept["parse_mode"] == "HTML" else kept["text"]
    return {"message_id": kept["message_id"], "from": _bot(token), "chat": chat, "date": now, "text": text}


class _Reader(HTMLParser):
    """Telegram's HTML: few tags, each closed in order, everything else refused."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.shown: list[str] = []

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise TelegramError(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise TelegramError(400, f"Bad Request: can't parse entities: Unmatched end tag </{tag}>")

    def handle_data(self, data: str) -> None:
        self.shown.append(data)


def _shown(html: str) -> str:
    """The text a reader sees. Raises TelegramError where Telegram would refuse the HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.open:
        raise TelegramError(400, f"Bad Request: can't parse entities: Can't find end tag \"{reader.open[-1]}\"")
    return "".join(reader.shown)


METHODS = {"getme": get_me, "sendmessage": send_message, "editmessagetext": edit_message_text}
