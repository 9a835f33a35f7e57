"""What the bot says: messages, their edits, files, answers to presses."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from vibe.sandbox.telegram_html import shown
from vibe.sandbox.telegram_markup import markup
from vibe.sandbox.telegram_state import Chat, Row, Telegram, Upload
from vibe.sandbox.telegram_wire import Ask, bad

LONGEST, LONGEST_CAPTION, LONGEST_TOAST = 4096, 1024, 200
MODES = ("", "HTML", "MarkdownV2", "Markdown")
ACTIONS = frozenset(
    {
        *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"),
        *("choose_sticker", "find_location", "record_video_note", "upload_video_note"),
    }
)
NO_PREVIEW = "can't parse link preview options JSON object"


def send_message(ask: Ask) -> Row:
    chat = ask.chat()
    ask.parsed("link_preview_options", dict, NO_PREVIEW)
    return _said(ask, chat, _content(ask, "text", LONGEST))


def send_photo(ask: Ask) -> Row:
    return _sent_file(ask, "photo")


def send_document(ask: Ask) -> Row:
    return _sent_file(ask, "document")


def edit_message_text(ask: Ask) -> Row:
    row = _own(ask, "edit")
    if row.get("file"):
        raise bad("there is no text in the message to edit")
    ask.parsed("link_preview_options", dict, NO_PREVIEW)
    return _edited(ask, row, _content(ask, "text", LONGEST) | {"reply_markup": markup(ask, inline_only=True)})


def edit_message_reply_markup(ask: Ask) -> Row:
    return _edited(ask, _own(ask, "edit"), {"reply_markup": markup(ask, inline_only=True)})


def delete_message(ask: Ask) -> bool:
    """Both sides' messages can be deleted in a private chat."""
    chat = ask.chat()
    row = _row(ask, chat)
    if row is None:
        raise bad("message to delete not found")
    row["deleted"] = True
    ask.sandbox.messages[:] = [one for one in ask.sandbox.messages if one is not row]
    ask.telegram.touch(chat, row)
    return True


def answer_callback_query(ask: Ask) -> bool:
    chat_id = ask.telegram.presses.get(ask.text("callback_query_id"))
    if chat_id is None:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    text = ask.text("text")
    if len(text) > LONGEST_TOAST:
        raise bad("MESSAGE_TOO_LONG")
    del ask.telegram.presses[ask.text("callback_query_id")]
    if text:
        chat = ask.telegram.chat(chat_id)
        chat.toasts.append({"text": text, "alert": ask.flag("show_alert")})
        ask.telegram.touch(chat)
    return True


def send_chat_action(ask: Ask) -> bool:
    chat, action = ask.chat(), ask.text("action")
    if action not in ACTIONS:
        raise bad("wrong parameter action in request")
    chat.action = (action, ask.sandbox.clock.now().timestamp())
    return True


def message(telegram: Telegram, chat: Chat, row: Row) -> Row:
    """A message of either side as the Bot API has it."""
    mine = row["direction"] == "bot"
    plain = shown(row["text"]) if row["parse_mode"] == "HTML" else row["text"]
    content: Row = {
        "message_id": row["message_id"],
        "from": telegram.bot() if mine else row["from"],
        "chat": described(chat),
        "date": int(datetime.fromisoformat(row["at"]).timestamp()),
    }
    if row.get("edited_at"):
        content["edit_date"] = row["edited_at"]
    if file := row.get("file"):
        content |= _as_file(file) | ({"caption": plain} if plain else {})
    else:
        content["text"] = plain
    if row.get("entities"):
        content["entities"] = row["entities"]
    if "inline_keyboard" in (row["reply_markup"] or {}):
        content["reply_markup"] = row["reply_markup"]
    return content


def described(chat: Chat) -> dict[str, Any]:
    if chat.kind == "group":
        return {"id": chat.id, "type": "group", "title": chat.name or "Group"}
    names = {"first_name": chat.name or "Listener"} | ({"username": chat.username} if chat.username else {})
    return {"id": chat.id, "type": "private", **names}


def _said(ask: Ask, chat: Chat, content: Row) -> Row:
    if (answered := ask.parsed("reply_parameters", dict, "can't parse reply parameters JSON object")) is not None:
        known = chat.rows.get(answered.get("message_id", 0))
        if known is None and not answered.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
    row = content | {
        "reply_markup": markup(ask),
        "edited": 0,
        "direction": "bot",
        "silent": ask.flag("disable_notification"),
        "at": ask.sandbox.clock.now().isoformat(),
    }
    chat.action = None
    row = ask.telegram.add(chat, row)
    ask.sandbox.messages.append(row)
    return message(ask.telegram, chat, row)


def _edited(ask: Ask, row: Row, content: Row) -> Row:
    if all(row[name] == value for name, value in content.items()):
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    row.update(content, edited=row["edited"] + 1, edited_at=int(ask.sandbox.clock.now().timestamp()))
    chat = ask.telegram.chat(row["chat_id"])
    ask.telegram.touch(chat, row)
    return message(ask.telegram, chat, row)


def _row(ask: Ask, chat: Chat) -> Row | None:
    row = chat.rows.get(ask.whole("message_id", 0, 0, 10**12))
    return None if row is None or row.get("deleted") else row


def _own(ask: Ask, verb: str) -> Row:
    row = _row(ask, ask.chat())
    if row is None:
        raise bad(f"message to {verb} not found")
    if row["direction"] != "bot":
        raise bad(f"message can't be {verb}ed")
    return row


def _content(ask: Ask, field: str, longest: int) -> Row:
    text, mode = ask.params.get(field) or "", ask.text("parse_mode")
    if mode not in MODES:
        raise bad("unsupported parse_mode")
    if not isinstance(text, str):
        raise bad("message text is empty")
    plain = shown(text) if mode == "HTML" else text
    if field == "text" and not plain.strip():
        raise bad("message text is empty")
    if len(plain) > longest:
        raise bad("message is too long" if field == "text" else "message caption is too long")
    return {"text": text, "parse_mode": mode}


def _sent_file(ask: Ask, kind: str) -> Row:
    chat = ask.chat()
    content = _content(ask, "caption", LONGEST_CAPTION)
    key, upload = _file(ask, kind)
    file = {"id": key, "is": kind, "name": upload.name, "type": upload.kind, "size": len(upload.content)}
    return _said(ask, chat, content | {"file": file})


def _file(ask: Ask, kind: str) -> tuple[str, Upload]:
    """The file of a call: uploaded, or named by the id that it got before."""
    named = ask.text(kind)
    upload = ask.files.get(named.removeprefix("attach://") if named.startswith("attach://") else kind)
    if upload is None and named in ask.telegram.files:
        return named, ask.telegram.files[named]
    if upload is None and re.match(r"https?://", named):  # the sandbox fetches nothing
        upload = Upload(named, "text/uri-list", b"")
    if upload is None:
        words = "wrong remote file identifier specified: Wrong string length" if named else f"there is no {kind} in "
        raise bad(words if named else f"{words}the request")
    if not upload.content and upload.kind != "text/uri-list":
        raise bad("file must be non-empty")
    key = f"file-{len(ask.telegram.files) + 1}"
    ask.telegram.files[key] = upload
    return key, upload


def _as_file(file: Row) -> Row:
    known = {"file_id": file["id"], "file_unique_id": file["id"], "file_size": file["size"]}
    if file["is"] == "photo":
        return {"photo": [known | {"width": 640, "height": 640}]}
    return {"document": known | {"file_name": file["name"], "mime_type": file["type"]}}
