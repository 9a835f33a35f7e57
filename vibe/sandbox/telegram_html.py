"""Telegram's HTML: few tags, each closed in order; what a reader sees of it, and what a browser may be given."""

from __future__ import annotations

import re
from html import escape, unescape
from html.parser import HTMLParser

from vibe.sandbox.telegram_wire import TelegramError, bad

SHOWN_AS = {
    **dict.fromkeys(("b", "strong"), "b"),
    **dict.fromkeys(("i", "em"), "i"),
    **dict.fromkeys(("u", "ins"), "u"),
    **dict.fromkeys(("s", "strike", "del"), "s"),
    **dict.fromkeys(("span", "tg-spoiler"), "span"),
    **{name: name for name in ("a", "code", "pre", "blockquote")},
    "tg-emoji": "i",
}
# What Telegram reads as a character; any other ampersand is one.
STRAY = re.compile(r"&(?!(?:lt|gt|amp|quot|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)")
SCHEMES = ("http://", "https://")
ADDRESS = re.compile(r"(https?://[^\s<>\"]+)")


class _Reader(HTMLParser):
    """Refuses what Telegram refuses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.shown: list[str] = []
        self.safe: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in SHOWN_AS:
            raise _unreadable(f'Unsupported start tag "{tag}"')
        if tag == "span" and ("class", "tg-spoiler") not in attrs:
            raise _unreadable('Tag "span" must have class "tg-spoiler"')
        self.open.append(tag)
        self.safe.append(f"<{SHOWN_AS[tag]}{_attributes(tag, dict(attrs))}>")

    def handle_startendtag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        raise _unreadable(f'Unsupported start tag "{tag}/"')

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise _unreadable(f"Unmatched end tag </{tag}>")
        self.safe.append(f"</{SHOWN_AS[tag]}>")

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise _unreadable("Unsupported start tag")
        self._say(data)

    def handle_entityref(self, name: str) -> None:
        self._say(unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self._say(unescape(f"&#{name};"))

    def handle_comment(self, data: str) -> None:
        raise _unreadable('Unsupported start tag "!"')

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)

    def _say(self, text: str) -> None:
        self.shown.append(text)
        self.safe.append(escape(text) if {"a", "code", "pre"}.intersection(self.open) else _linked(text))


def shown(html: str) -> str:
    """The text a reader sees. Raises TelegramError where Telegram would refuse the HTML."""
    return "".join(_read(html).shown)


def safe(text: str, mode: str) -> str:
    """The message for a browser: allowed tags only, and links to http addresses only."""
    return "".join(_read(text).safe) if mode == "HTML" else _linked(text)


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(STRAY.sub("&amp;", html))
    reader.close()
    if reader.open:
        raise _unreadable(f'Can\'t find end tag corresponding to start tag "{reader.open[-1]}"')
    return reader


def _linked(text: str) -> str:
    """As Telegram's apps do it, an address in a text is a link."""
    parts = ADDRESS.split(text)
    return "".join(
        f"<a{_attributes('a', {'href': part})}>{escape(part)}</a>" if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def _attributes(tag: str, attributes: dict[str, str | None]) -> str:
    address = attributes.get("href") or ""
    if tag == "a" and address.casefold().startswith(SCHEMES):
        return f' href="{escape(address)}" target="_blank" rel="noopener noreferrer"'
    return ' class="spoiler" tabindex="0"' if SHOWN_AS[tag] == "span" else ""


def _unreadable(words: str) -> TelegramError:
    return bad(f"can't parse entities: {words}")
