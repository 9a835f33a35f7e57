from __future__ import annotations

import ast
import re
from itertools import pairwise

from django.conf import settings

from vibe.clients.services import ADDRESSES

NEEDED = {"SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"}
LINE = re.compile(r"(# )?([A-Z][A-Z_]*)=(.*)")


def names_read() -> set[str]:
    """The first argument of every `env.…(…)`, `number(…)`, `switch(…)` and `words(…)` in settings.py."""
    names = set()
    for node in ast.walk(ast.parse((settings.BASE_DIR / "vibe/settings.py").read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name("env")) | ast.Name("number" | "switch" | "words"),
                args=[ast.Constant(str(name)), *_],
            ):
                names.add(name)
    return names


def lines() -> list[str]:
    return (settings.BASE_DIR / ".env.example").read_text().splitlines()


def test_every_setting_is_described_once_and_nothing_else_is():
    named = [found[2] for line in lines() if (found := LINE.fullmatch(line))]
    assert len(names_read()) > 20
    assert sorted(named) == sorted(names_read())


def test_only_what_is_needed_is_not_commented_out():
    assert {found[2] for line in lines() if (found := LINE.fullmatch(line)) and not found[1]} == NEEDED


def test_each_name_follows_a_comment_of_its_own():
    text = lines()
    for before, line in pairwise(text):
        if (found := LINE.fullmatch(line)) and found[2] not in NEEDED:
            assert before.startswith("# ")
            assert not LINE.fullmatch(before), line
            assert len(before) > 10 or "private" in before


def test_the_defaults_shown_are_the_ones_in_force():
    shown = {found[2]: found[3] for line in lines() if (found := LINE.fullmatch(line)) and found[3]}
    for name in ("DEFAULT_PLAYLIST_SIZE", "MIN_NEW_RATIO", "RECENT_DAYS_WINDOW", "COOLDOWN_DAYS", "PUBLIC_URL"):
        assert shown[name] == str(getattr(settings, name))
    for name in set(ADDRESSES) - {"SPOTIFY_IMAGES_URL"}:
        assert shown[name] == getattr(settings, name)
    assert shown["SPOTIFY_REDIRECT_URI"] == settings.SPOTIFY_REDIRECT_URI
    assert shown["PLAYLIST_VISIBILITY"] == settings.PLAYLIST_VISIBILITY
