"""`/_sandbox/telegram/`: what people do in their chats, and what came of it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox import telegram_commands
from vibe.sandbox.control_body import ControlError, body_of, text, whole
from vibe.sandbox.state import Sandbox
from vibe.sandbox.telegram_html import shown
from vibe.sandbox.telegram_markup import buttons, keyboard
from vibe.sandbox.telegram_messages import LONGEST, described, message
from vibe.sandbox.telegram_state import Chat, Row
from vibe.sandbox.wire import as_json

COMMAND = re.compile(r"(?<!\S)/\w{1,64}(?:@\w{3,32})?(?!\w)", re.ASCII)
LARGEST_ID = 10**15 - 1
TEXTUAL = ("text/", "application/json")


def answer(sandbox: Sandbox, request: Request) -> Response:
    """Raises ControlError."""
    name = request.path.removeprefix("/_sandbox/telegram/")
    handler = HANDLERS.get((request.method, name))
    if handler is None:
        known = ", ".join(sorted(f"{method} /_sandbox/telegram/{one}" for method, one in HANDLERS))
        return as_json({"error": f"there are {known}"}, 404)
    return as_json(handler(sandbox, request))


def say(sandbox: Sandbox, request: Request) -> Any:
    """Somebody writes: `{"chat", "text"}`, and `"name", "username", "language", "type", "user"` where they are new."""
    sent = body_of(request, dict)
    chat = _person(sandbox, sent)
    words = text(sent, "text", LONGEST).strip()
    if not words:
        raise ControlError("text must not be empty")
    if chat.blocked:
        raise ControlError(f"chat {chat.id} blocked the bot; it has to let it in again first")
    row = sandbox.telegram.add(chat, _written(sandbox, chat, words, _user(chat, sent)))
    update = sandbox.telegram.inbox.put("message", message(sandbox.telegram, chat, row))
    return {"update_id": update, "message_id": row["message_id"]}


def press(sandbox: Sandbox, request: Request) -> Any:
    """Somebody presses an inline button: `{"chat", "message_id", "data", "language", "user", "forged"}`."""
    sent = body_of(request, dict)
    chat = _person(sandbox, sent)
    key, data = whole(sent, "message_id", LARGEST_ID), text(sent, "data", 64)
    row = chat.rows.get(key)
    there = row is not None and not row.get("deleted")
    offered = [one.get("data") for line in buttons(row["reply_markup"] if row and there else None) for one in line]
    if data not in offered and sent.get("forged") is not True:
        raise ControlError(f"message {key} of chat {chat.id} has no button with this data; it has {offered}")
    told = message(sandbox.telegram, chat, row) if row and there else _gone(chat, key)
    telegram = sandbox.telegram
    telegram.pressed += 1
    query = f"{4_000_000_000 + telegram.pressed}"
    telegram.presses[query] = chat.id
    content = {
        "id": query,
        "from": _user(chat, sent),
        "message": told,
        "chat_instance": str(zlib.crc32(str(chat.id).encode())),
        "data": data,
    }
    return {"update_id": telegram.inbox.put("callback_query", content), "callback_query_id": query}


def block(sandbox: Sandbox, request: Request) -> Any:
    """Somebody blocks the bot or lets it in again: `{"chat", "blocked" (true)}`."""
    sent = body_of(request, dict)
    chat, blocked = _person(sandbox, sent), sent.get("blocked", True)
    if not isinstance(blocked, bool):
        raise ControlError("blocked must be true or false")
    if chat.blocked is blocked:
        return {"update_id": None}
    chat.blocked = blocked
    sandbox.telegram.touch(chat)
    now = {"user": sandbox.telegram.bot(), "status": "member"}
    gone = {"user": sandbox.telegram.bot(), "status": "kicked", "until_date": 0}
    content = {
        "chat": described(chat),
        "from": _user(chat, sent),
        "date": int(sandbox.clock.now().timestamp()),
        "old_chat_member": now if blocked else gone,
        "new_chat_member": gone if blocked else now,
    }
    return {"update_id": sandbox.telegram.inbox.put("my_chat_member", content)}


def again(sandbox: Sandbox, request: Request) -> Any:
    """An update comes a second time, acknowledged or not: `{"update_id"}`."""
    key = whole(body_of(request, dict), "update_id", LARGEST_ID)
    if not sandbox.telegram.inbox.put_again(key):
        raise ControlError(f"there was no update {key}")
    return {"update_id": key}


def put_update(sandbox: Sandbox, request: Request) -> Any:
    """An update of any other kind, as it is: `{"edited_message": {…}}`; it gets its id here."""
    sent = body_of(request, dict)
    if len(sent) != 1 or not isinstance(next(iter(sent.values())), dict):
        raise ControlError("the body must be an update without its update_id: one kind with its object")
    ((kind, content),) = sent.items()
    return {"update_id": sandbox.telegram.inbox.put(kind, content)}


def show_chat(sandbox: Sandbox, request: Request) -> Any:
    key = request.args.get("chat", "")
    if not re.fullmatch(r"-?\d{1,15}", key, re.ASCII):
        raise ControlError("chat must be the id of a chat")
    chat = sandbox.telegram.chats.get(int(key)) or Chat(int(key))
    rows = [_told(sandbox, row) for row in chat.rows.values() if not row.get("deleted")]
    about = {"name": chat.name, "language": chat.language, "blocked": chat.blocked}
    return {"chat": chat.id, **about, "rows": rows, "toasts": chat.toasts}


def calls(sandbox: Sandbox, request: Request) -> Any:
    kept = [{**call, **call["row"], "method": call["method"]} for call in sandbox.telegram.calls]
    if request.args.get("clear") == "1":
        sandbox.telegram.calls.clear()
    shown_ones = ("at", "method", "params", "files", "unknown", "status", "fault")
    return [{name: call[name] for name in shown_ones if name in call} for call in kept]


def updates(sandbox: Sandbox, _request: Request) -> Any:
    return list(sandbox.telegram.inbox.emitted)


def commands(sandbox: Sandbox, _request: Request) -> Any:
    """What a person of each language is offered in a private chat; "" is any other language."""
    languages = {"", *(language for _scope, language in sandbox.telegram.commands)}
    return {one: telegram_commands.seen_by(sandbox.telegram, 0, one) for one in sorted(languages)}


def current_keyboard(chat: Chat) -> list[list[str]]:
    """The reply keyboard that stands below the chat now."""
    for row in reversed(chat.rows.values()):
        markup = row["reply_markup"] or {}
        if "keyboard" in markup and not row.get("deleted"):
            return keyboard(markup)
        if markup.get("remove_keyboard"):
            break
    return []


def _person(sandbox: Sandbox, sent: dict[str, Any]) -> Chat:
    """The chat somebody acts in, with whatever is said of it anew."""
    key = whole(sent, "chat", LARGEST_ID, -LARGEST_ID)
    kind = sent.get("type", "")
    if not key or kind not in ("", "private", "group") or (kind == "private" and key < 0):
        raise ControlError('chat must not be 0; type is "private" (ids above 0) or "group"')
    news = {name: text(sent, name, 64) for name in ("name", "username", "language")}
    _user(Chat(key), sent)
    chat = sandbox.telegram.chat(key)
    chat.kind, chat.is_known = kind or chat.kind, True
    for name, value in news.items():
        if name in sent:
            setattr(chat, name, value)
    return chat


def _user(chat: Chat, sent: dict[str, Any]) -> dict[str, Any]:
    """Who acts: in a private chat he has its id."""
    key = whole({"user": abs(chat.id)} | sent, "user", LARGEST_ID) if chat.kind == "group" else chat.id
    user: dict[str, Any] = {"id": key, "is_bot": False, "first_name": chat.name or "Listener"}
    if chat.username:
        user["username"] = chat.username
    return user | ({"language_code": chat.language} if chat.language else {})


def _written(sandbox: Sandbox, chat: Chat, words: str, user: dict[str, Any]) -> Row:
    entities = [
        {"type": "bot_command", "offset": _units(words[: one.start()]), "length": _units(one[0])}
        for one in COMMAND.finditer(words)
    ]
    return {
        **{"text": words, "parse_mode": "", "entities": entities, "reply_markup": None, "edited": 0, "from": user},
        **{"direction": "user", "silent": False, "at": sandbox.clock.now().isoformat()},
    }


def _units(words: str) -> int:
    """Telegram counts UTF-16."""
    return len(words.encode("utf-16-le")) // 2


def _gone(chat: Chat, key: int) -> Row:
    return {"chat": described(chat), "message_id": key, "date": 0}


def _told(sandbox: Sandbox, row: Row) -> Row:
    file = row.get("file")
    return {
        **{name: row[name] for name in ("direction", "message_id", "at", "edited", "silent")},
        "html": row["text"],
        "text": shown(row["text"]) if row["parse_mode"] == "HTML" else row["text"],
        "buttons": buttons(row["reply_markup"]),
        "keyboard": keyboard(row["reply_markup"]),
        "document": _file(sandbox, file) if file else None,
    }


def _file(sandbox: Sandbox, file: Row) -> Row:
    content = sandbox.telegram.files[file["id"]].content
    words = content.decode(errors="replace") if file["type"].startswith(TEXTUAL) else None
    return {"name": file["name"], "type": file["type"], "size": file["size"], "is": file["is"], "content": words}


Handler = Callable[[Sandbox, Request], Any]
HANDLERS: dict[tuple[str, str], Handler] = {
    ("POST", "say"): say,
    ("POST", "press"): press,
    ("POST", "block"): block,
    ("POST", "again"): again,
    ("POST", "update"): put_update,
    ("GET", "chat"): show_chat,
    ("GET", "calls"): calls,
    ("GET", "updates"): updates,
    ("GET", "commands"): commands,
}
