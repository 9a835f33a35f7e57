"""Telegram's Bot API, as far as the bot uses it; the rest answers 404. https://core.telegram.org/bots/api"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from vibe.sandbox import telegram_commands as commands
from vibe.sandbox import telegram_messages as messages
from vibe.sandbox import telegram_updates as updates
from vibe.sandbox.state import Sandbox
from vibe.sandbox.telegram_wire import Ask, TelegramError, bad, received
from vibe.sandbox.wire import as_json

PATH = re.compile(r"/bot(?P<token>[^/]*)/(?P<method>[^/]*)")
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
WRONG = "wrong"  # the second half of a token that Telegram does not know


class Method(NamedTuple):
    handle: Callable[[Ask], Any]
    parameters: frozenset[str]


def answer(sandbox: Sandbox, request: Request) -> Response:
    """GET or POST /bot<token>/<method>, parameters in any of Telegram's forms. Raises TelegramError."""
    match = PATH.fullmatch(request.path)
    if match is None:
        raise TelegramError(404, "Not Found")
    number, _, secret = match["token"].partition(":")
    if not re.fullmatch(r"\d{1,15}", number, re.ASCII) or not re.fullmatch(r"[\w-]+", secret) or secret == WRONG:
        raise TelegramError(401, "Unauthorized")
    method = METHODS.get(match["method"].casefold())
    if method is None:
        raise TelegramError(404, "Not Found: method not found")
    sandbox.telegram.bot_id = int(number)
    return as_json({"ok": True, "result": method.handle(Ask(sandbox, *received(request)))})


def note(sandbox: Sandbox, request: Request, row: dict[str, Any]) -> None:
    """Keeps what a call said, with the row that will know its status; no secrets."""
    name = request.path.rsplit("/", 1)[-1]
    method = METHODS.get(name.casefold())
    try:
        params, files = received(request)
    except (HTTPException, TelegramError):  # which its answer will say
        params, files = {}, {}
    if "secret_token" in params:
        params = params | {"secret_token": "…"}
    about = {key: {"name": one.name, "size": len(one.content)} for key, one in files.items()}
    unknown = sorted({*params, *files} - method.parameters) if method else []
    sandbox.telegram.calls.append({"method": name, "params": params, "files": about, "unknown": unknown, "row": row})


def get_me(ask: Ask) -> dict[str, Any]:
    abilities = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries", "can_connect_to_business")
    return ask.telegram.bot() | dict.fromkeys((*abilities, "has_main_web_app"), False)


def get_chat(ask: Ask) -> dict[str, Any]:
    """Only a chat that wrote to the bot; https://core.telegram.org/bots/api#getchat"""
    chat = ask.chat()
    if not chat.is_known:
        raise bad("chat not found")
    about: dict[str, Any] = {"id": chat.id, "type": chat.kind, "accent_color_id": 0, "max_reaction_count": 11}
    about["accepted_gift_types"] = dict.fromkeys(GIFTS, False)
    names = {"first_name": chat.name, "username": chat.username} if chat.kind == "private" else {"title": chat.name}
    return about | {key: name for key, name in names.items() if name}


def _method(handle: Callable[[Ask], Any], parameters: str = "") -> Method:
    return Method(handle, frozenset(parameters.split()))


PLACE = "business_connection_id message_thread_id direct_messages_topic_id chat_id"
SEND = (
    f"{PLACE} parse_mode disable_notification protect_content allow_paid_broadcast message_effect_id reply_markup "
    "suggested_post_parameters reply_parameters ephemeral_message_parameters"
)
TEXT = "text entities link_preview_options"
CAPTION = "caption caption_entities"
EDIT = "business_connection_id chat_id message_id inline_message_id reply_markup"
COMMANDS = "scope language_code"
METHODS = {
    "getme": _method(get_me),
    "getchat": _method(get_chat, "chat_id"),
    "getupdates": _method(updates.get_updates, "offset limit timeout allowed_updates"),
    "setwebhook": _method(
        updates.set_webhook,
        "url certificate ip_address max_connections allowed_updates drop_pending_updates secret_token",
    ),
    "deletewebhook": _method(updates.delete_webhook, "drop_pending_updates"),
    "getwebhookinfo": _method(updates.get_webhook_info),
    "sendmessage": _method(messages.send_message, f"{SEND} {TEXT}"),
    "sendphoto": _method(messages.send_photo, f"{SEND} {CAPTION} photo show_caption_above_media has_spoiler"),
    "senddocument": _method(
        messages.send_document, f"{SEND} {CAPTION} document thumbnail disable_content_type_detection"
    ),
    "editmessagetext": _method(messages.edit_message_text, f"{EDIT} {TEXT} parse_mode"),
    "editmessagereplymarkup": _method(messages.edit_message_reply_markup, EDIT),
    "deletemessage": _method(messages.delete_message, "chat_id message_id"),
    "answercallbackquery": _method(messages.answer_callback_query, "callback_query_id text show_alert url cache_time"),
    "sendchataction": _method(messages.send_chat_action, "business_connection_id chat_id message_thread_id action"),
    "setmycommands": _method(commands.set_my_commands, f"commands {COMMANDS}"),
    "getmycommands": _method(commands.get_my_commands, COMMANDS),
    "deletemycommands": _method(commands.delete_my_commands, COMMANDS),
    "setmydescription": _method(commands.set_my_description, "description language_code"),
    "setmyshortdescription": _method(commands.set_my_short_description, "short_description language_code"),
}
