"""The page where a person talks to the bot, beside the pretend Spotify."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from vibe.sandbox import telegram_commands
from vibe.sandbox.chat_page import WORDS, page, shelf
from vibe.sandbox.state import Sandbox
from vibe.sandbox.telegram_control import current_keyboard
from vibe.sandbox.telegram_html import safe
from vibe.sandbox.telegram_markup import buttons
from vibe.sandbox.telegram_state import Chat, Row
from vibe.sandbox.wire import as_json, empty

BOT = re.compile(r"/[a-z]\w{1,28}bot", re.ASCII | re.IGNORECASE)  # what t.me takes for the name of a bot
PAYLOAD = re.compile(r"[\w-]{1,64}", re.ASCII)
ID = re.compile(r"[1-9]\d{0,14}", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", re.ASCII)
COOKIE = "chat_as"  # cookies know no ports: the web has its own on this host
FIRST = 1001
NAMES = {"ru": "Аня", "en": "Anna"}
SHOWS_FOR = 5  # seconds that a chat action lasts
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")


def answer(sandbox: Sandbox, request: Request) -> Response | None:
    """None for what is none of its addresses."""
    if BOT.fullmatch(request.path):
        payload = request.args.get("start", "")
        return redirect(f"/chat?{urlencode({'start': payload})}" if PAYLOAD.fullmatch(payload) else "/chat")
    handler = PATHS.get(request.path)
    return handler(sandbox, request) if handler else None


def show(sandbox: Sandbox, request: Request) -> Response:
    if request.args.get("as") == "new":
        known = [one.id for one in people(sandbox)]
        asked = {name: request.args.get(name, "") for name in ("name", "language")}
        return redirect(f"/chat?{urlencode({'as': max([FIRST - 1, *known]) + 1} | asked)}")
    chat = _here(sandbox, request)
    payload = request.args.get("start", "")
    response = page(sandbox, chat, people(sandbox), payload if PAYLOAD.fullmatch(payload) else "")
    response.set_cookie(COOKIE, str(chat.id), samesite="Lax", httponly=True)
    return response


def events(sandbox: Sandbox, request: Request) -> Response:
    """What is new to a page that has seen version `since`, `toasted` toasts and the shelf of `mark`."""
    chat, telegram = _here(sandbox, request), sandbox.telegram
    since = _number(request, "since", 0)
    again = since > chat.version  # the sandbox was started anew
    if again:
        since = 0
    rows = [row for row in chat.rows.values() if row["version"] > since and (since or not row.get("deleted"))]
    seen = _number(request, "toasted", len(chat.toasts))
    beside = shelf(sandbox, chat.language)
    action = chat.action
    return as_json(
        {
            "version": chat.version,
            "again": again,
            "rows": [_row(row) for row in rows],
            "toasts": chat.toasts[seen:],
            "toasted": len(chat.toasts),
            "waiting": chat.id in telegram.presses.values(),
            "keyboard": current_keyboard(chat),
            "commands": telegram_commands.seen_by(telegram, chat.id, chat.language),
            "about": telegram_commands.about(telegram, "description", chat.language),
            "doing": bool(action and sandbox.clock.now().timestamp() - action[1] < SHOWS_FOR),
            "blocked": chat.blocked,
            "shelf": None if beside["mark"] == request.args.get("mark") else beside,
        }
    )


def file(sandbox: Sandbox, request: Request) -> Response:
    upload = sandbox.telegram.files.get(request.args.get("id", ""))
    if upload is None:
        return empty(404)
    is_picture = upload.kind in PICTURES
    response = Response(upload.content, content_type=upload.kind if is_picture else "application/octet-stream")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.set("Content-Disposition", "inline" if is_picture else "attachment", filename=upload.name)
    return response


def people(sandbox: Sandbox) -> list[Chat]:
    known = (one for one in sandbox.telegram.chats.values() if one.is_known and one.kind == "private")
    return sorted(known, key=lambda one: one.id)


def _here(sandbox: Sandbox, request: Request) -> Chat:
    """Who stands at the page: by its address, else by the cookie, else who was there last."""
    telegram = sandbox.telegram
    asked = (request.args.get("as", ""), request.cookies.get(COOKIE, ""), str(telegram.here))
    chat = telegram.chat(int(next((one for one in asked if ID.fullmatch(one)), FIRST)))
    telegram.here, chat.is_known = chat.id, True
    language = request.args.get("language", "")
    if LANGUAGE.fullmatch(language):
        chat.language = language
    chat.language = chat.language or request.accept_languages.best_match(list(WORDS)) or "en"
    name = request.args.get("name", "").strip()[:64] or chat.name
    chat.name = NAMES.get(chat.language[:2], NAMES["en"]) if name in ("", *NAMES.values()) else name
    return chat


def _number(request: Request, name: str, default: int) -> int:
    raw = request.args.get(name, "")
    return int(raw) if re.fullmatch(r"\d{1,15}", raw, re.ASCII) else default


def _row(row: Row) -> dict[str, Any]:
    if row.get("deleted"):
        return {"id": row["message_id"], "deleted": True}
    # As Telegram does it: what came with a link stays between it and the bot.
    text = "/start" if row["direction"] == "user" and row["text"].startswith("/start ") else row["text"]
    return {
        "id": row["message_id"],
        "side": "bot" if row["direction"] == "bot" else "me",
        "html": safe(text, row["parse_mode"]),
        "at": int(datetime.fromisoformat(row["at"]).timestamp()),
        "edited": bool(row["edited"]),
        "silent": row["silent"],
        "buttons": buttons(row["reply_markup"]),
        "file": _file(row["file"]) if row.get("file") else None,
    }


def _file(known: Row) -> dict[str, Any]:
    size = f"{known['size'] / 1024:.1f} KB" if known["size"] >= 1024 else f"{known['size']} B"
    is_picture = known["is"] == "photo" and known["type"] in PICTURES
    href = known["name"] if known["type"] == "text/uri-list" else f"/chat/file?{urlencode({'id': known['id']})}"
    return {"name": known["name"], "href": href, "image": is_picture, "size": size}


PATHS: dict[str, Callable[[Sandbox, Request], Response]] = {
    "/chat": show,
    "/chat/events": events,
    "/chat/file": file,
}
