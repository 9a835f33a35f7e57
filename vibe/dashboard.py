from __future__ import annotations

from typing import Any


def show(_request: Any, context: dict[str, Any]) -> dict[str, Any]:
    return context
