"""What the bot says of itself: commands and descriptions, by language."""

from __future__ import annotations

import json
import re
from typing import Any

from vibe.sandbox.telegram_state import Telegram
from vibe.sandbox.telegram_wire import Ask, bad

MOST = 100
LONGEST_COMMAND, LONGEST_DESCRIPTION = 32, 256
SCOPES: dict[str, tuple[str, ...]] = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
Key = tuple[str, str]


def set_my_commands(ask: Ask) -> bool:
    commands = ask.parsed("commands", list, "can't parse commands: expected an Array of BotCommand")
    if commands is None:
        raise bad('parameter "commands" is required')
    if len(commands) > MOST:
        raise bad(f"can't set more than {MOST} commands")
    ask.telegram.commands[_key(ask)] = [_command(one) for one in commands]
    return True


def get_my_commands(ask: Ask) -> list[dict[str, str]]:
    return ask.telegram.commands.get(_key(ask), [])


def delete_my_commands(ask: Ask) -> bool:
    ask.telegram.commands.pop(_key(ask), None)
    return True


def set_my_description(ask: Ask) -> bool:
    return _describe(ask, "description", 512)


def set_my_short_description(ask: Ask) -> bool:
    return _describe(ask, "short_description", 120)


def seen_by(telegram: Telegram, chat_id: int, language: str) -> list[dict[str, str]]:
    """The commands a person of that language is offered in the private chat."""
    for scope in (json.dumps({"type": "chat", "chat_id": chat_id}), "all_private_chats", "default"):
        for key in ((scope, language[:2]), (scope, "")):
            if key in telegram.commands:
                return telegram.commands[key]
    return []


def about(telegram: Telegram, kind: str, language: str) -> str:
    return telegram.about.get((kind, language[:2])) or telegram.about.get((kind, ""), "")


def _describe(ask: Ask, kind: str, longest: int) -> bool:
    text = ask.text(kind)
    if len(text) > longest:
        raise bad(f"{kind} must be at most {longest} characters long")
    ask.telegram.about[kind, _language(ask)] = text
    return True


def _key(ask: Ask) -> Key:
    scope = ask.parsed("scope", dict, "can't parse BotCommandScope: expected an Object") or {"type": "default"}
    needed = SCOPES.get(str(scope.get("type")))
    if needed is None:
        raise bad("unsupported BotCommandScope type specified")
    if any(not isinstance(scope.get(name), int) for name in needed):
        raise bad("can't parse BotCommandScope: chat not found")
    kind = scope["type"]
    return (json.dumps({"type": kind} | {name: scope[name] for name in needed}) if needed else kind), _language(ask)


def _language(ask: Ask) -> str:
    code = ask.text("language_code")
    if not re.fullmatch(r"([a-z]{2})?", code):
        raise bad("invalid language code specified")
    return code


def _command(one: Any) -> dict[str, str]:
    if not isinstance(one, dict):
        raise bad("can't parse BotCommand: expected an Object")
    name, about = one.get("command"), one.get("description")
    if not isinstance(name, str) or not re.fullmatch(rf"[a-z0-9_]{{1,{LONGEST_COMMAND}}}", name):
        raise bad("BOT_COMMAND_INVALID")
    if not isinstance(about, str) or not 1 <= len(about.strip()) <= LONGEST_DESCRIPTION:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": about}
