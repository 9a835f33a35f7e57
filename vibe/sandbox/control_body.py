"""What is sent to `/_sandbox/`: read, or refused with a reason."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Request


class ControlError(Exception):
    """Answered as 400 `{"error": …}`."""


def body_of(request: Request, kind: type | tuple[type, ...]) -> Any:
    try:
        body = json.loads(request.get_data() or b"null")
    except (ValueError, RecursionError) as error:
        raise ControlError(f"the body is no JSON: {error}") from error
    if not isinstance(body, kind):
        raise ControlError("the body must be a JSON object")
    return body


def whole(body: dict[str, Any], name: str, most: int = 10**9, least: int = 0) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ControlError(f"{name} must be a whole number from {least} to {most}")
    return value


def text(body: dict[str, Any], name: str, longest: int) -> str:
    """What is there under the name; empty where nothing is."""
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise ControlError(f"{name} must be a text of at most {longest} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ControlError(f"{name} must be UTF-8") from error
    return value
