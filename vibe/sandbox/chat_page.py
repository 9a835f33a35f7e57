"""The HTML of the chat page, in Russian and English; its style and script are in page/."""

from __future__ import annotations

import json
import secrets
import zlib
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from werkzeug.wrappers import Response

from vibe.sandbox.state import Account, Playlist, Sandbox
from vibe.sandbox.telegram_state import Chat
from vibe.sandbox.wire import html

FOLDER = Path(__file__).with_name("page")
MOST_LISTS, MOST_LISTENERS, MOST_TRACKS = 12, 8, 100
LANGUAGES = {"en": "English", "ru": "Русский"}
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "with a pretend Telegram and Spotify",
        "chat": "Chat",
        "spotify": "Pretend Spotify",
        "about_spotify": "Nothing here is Spotify",
        "you": "You are",
        "speak": "Language",
        "add": "Another person…",
        "name": "Name",
        "go": "Go",
        "cancel": "Cancel",
        "bot": "bot",
        "block": "Block",
        "messages": "Messages",
        "menu": "Commands",
        "write": "Message",
        "send": "Send",
        "keys": "Keyboard",
        "begin": "Start",
        "restart": "Unblock",
        "edited": "edited",
        "silent": "silent",
        "typing": "typing…",
        "lost": "no connection",
        "script": "The chat needs JavaScript.",
        "made": "Playlists that were made",
        "none": "None yet. The first one shows up here.",
        "people": "Listeners",
        "tracks": "Tracks",
        "likes": "Likes",
        "linked": "connected",
        "gone": "removed from the library",
        "all": "All listeners",
    },
    "ru": {
        "title": "с ненастоящими Telegram и Spotify",
        "chat": "Чат",
        "spotify": "Ненастоящий Spotify",
        "about_spotify": "Настоящего Spotify здесь нет",
        "you": "Вы",
        "speak": "Язык",
        "add": "Другой человек…",
        "name": "Имя",
        "go": "Дальше",
        "cancel": "Отмена",
        "bot": "бот",
        "block": "Заблокировать",
        "messages": "Сообщения",
        "menu": "Команды",
        "write": "Сообщение",
        "send": "Отправить",
        "keys": "Клавиатура",
        "begin": "Начать",
        "restart": "Разблокировать",
        "edited": "изменено",
        "silent": "без звука",
        "typing": "печатает…",
        "lost": "нет связи",
        "script": "Чату нужен JavaScript.",
        "made": "Созданные плейлисты",
        "none": "Пока ни одного. Первый появится здесь.",
        "people": "Слушатели",
        "tracks": "Треков",
        "likes": "Лайков",
        "linked": "подключён",
        "gone": "убран из библиотеки",
        "all": "Все слушатели",
    },
}


def words(language: str) -> dict[str, str]:
    return WORDS.get(language[:2], WORDS["en"])


def page(sandbox: Sandbox, chat: Chat, people: list[Chat], payload: str) -> Response:
    said, nonce = words(chat.language), secrets.token_urlsafe(16)
    chosen = chat.language[:2] if chat.language[:2] in LANGUAGES else "en"
    fields = {name: escape(text) for name, text in said.items()} | {
        "language": escape(chat.language),
        "person": str(chat.id),
        "payload": escape(payload),
        "people": "".join(_option(str(one.id), one.name or str(one.id), one is chat) for one in people),
        "languages": "".join(_option(code, name, code == chosen) for code, name in LANGUAGES.items()),
        "shelf": shelf(sandbox, chat.language)["html"],
        "words": json.dumps(said, ensure_ascii=False).replace("<", "\\u003c"),
        "nonce": nonce,
        "style": _part("chat.css"),
        "code": _part("chat.js"),
    }
    response = html(Template(_part("chat.html")).substitute(fields))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def shelf(sandbox: Sandbox, language: str) -> dict[str, Any]:
    """What is beside the chat: the newest playlists and the listeners; `mark` changes with it."""
    said = words(language)
    made = [*sandbox.playlists.values()][: -MOST_LISTS - 1 : -1]
    lists = "".join(_list(sandbox, one, said, is_open=one is made[0]) for one in made)
    linked = {grant.account.id for grant in sandbox.refreshes.values()}
    listeners = sorted(sandbox.accounts.values(), key=lambda one: one.id not in linked)[:MOST_LISTENERS]
    text = (
        f"<h3>{said['made']}</h3>{lists or '<p class=none>' + said['none'] + '</p>'}<h3>{said['people']}</h3>"
        f'<ul class="people">{"".join(_listener(one, one.id in linked, said) for one in listeners)}</ul>'
        f'<p><a href="/">{said["all"]}</a></p>'
    )
    return {"mark": f"{zlib.crc32(text.encode()):x}", "html": text, "count": len(sandbox.playlists)}


def _list(sandbox: Sandbox, one: Playlist, said: dict[str, str], *, is_open: bool) -> str:
    key, name = escape(one.id), escape(one.name)
    cover = f'<img class="cover" src="/_sandbox/cover/{key}" alt="">' if one.cover else '<span class="cover">♪</span>'
    gone = "" if one in one.owner.playlists else f" · {said['gone']}"
    tracks = "".join(f"<li>{_track(sandbox, entry.track_id)}</li>" for entry in one.entries[:MOST_TRACKS])
    return (
        f'<details class="list" id="list-{key}"{" open" if is_open else ""}><summary>{cover}<span><b>{name}</b>'
        f"<small>{escape(one.owner.name)} · {said['tracks']}: {len(one.entries)}{gone}</small></span></summary>"
        f'<p>{escape(one.description)} <a href="/playlist/{key}">→</a></p><ol>{tracks}</ol></details>'
    )


def _track(sandbox: Sandbox, key: str) -> str:
    track = sandbox.world.tracks[key]
    artists = ", ".join(artist.name for artist in track.artists)
    return f"<span>{escape(track.name)} <small>{escape(artists)}</small></span>"


def _listener(one: Account, is_linked: bool, said: dict[str, str]) -> str:
    linked = f' <small class="linked">{said["linked"]}</small>' if is_linked else ""
    likes = f"<small>{said['likes']}: {len(one.likes)}</small>"
    return f'<li><span><a href="/listener/{escape(one.id)}">{escape(one.name)}</a>{linked}</span>{likes}</li>'


def _option(value: str, text: str, is_chosen: bool) -> str:
    return f'<option value="{escape(value)}"{" selected" if is_chosen else ""}>{escape(text)}</option>'


@cache
def _part(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
