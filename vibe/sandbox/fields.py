"""The `fields` parameter of playlists: `name,items(added_at,item(id,name)),owner.id`."""

from __future__ import annotations

import re
from typing import Any

from vibe.sandbox.wire import ApiError

TOKEN = re.compile(r"[\w!*]+|[(),.]")


def keep(content: Any, wanted: str) -> Any:
    """`content` with the wanted fields alone; everything where none are named. Raises ApiError."""
    if not wanted.strip():
        return content
    tokens = TOKEN.findall(wanted)
    tree = _read(tokens, 0)
    if tokens or "".join(TOKEN.findall(wanted)) != re.sub(r"\s", "", wanted):
        raise ApiError(400, "Invalid fields")
    return _pick(content, tree)


def _read(tokens: list[str], depth: int) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    while tokens and depth < 10:
        name = tokens.pop(0)
        if name in "(),.":
            raise ApiError(400, "Invalid fields")
        tree[name] = _rest(tokens, depth)
        if not tokens or tokens[0] == ")":
            break
        if tokens.pop(0) != ",":
            raise ApiError(400, "Invalid fields")
    return tree


def _rest(tokens: list[str], depth: int) -> dict[str, Any]:
    """What follows a name: `(a,b)`, `.a` or nothing."""
    if tokens[:1] == ["."]:
        tokens.pop(0)
        return {tokens.pop(0): _rest(tokens, depth + 1)} if tokens else {}
    if tokens[:1] != ["("]:
        return {}
    tokens.pop(0)
    tree = _read(tokens, depth + 1)
    if tokens[:1] != [")"]:
        raise ApiError(400, "Invalid fields")
    tokens.pop(0)
    return tree


def _pick(content: Any, tree: dict[str, Any]) -> Any:
    if not tree:
        return content
    if isinstance(content, list):
        return [_pick(row, tree) for row in content]
    if not isinstance(content, dict):
        return content
    return {name: _pick(content[name], below) for name, below in tree.items() if name in content}
