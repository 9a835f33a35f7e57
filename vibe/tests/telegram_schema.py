"""What the bot asked of Telegram and what Telegram told it, held against aiogram's models: a second opinion.

check(sandbox)  # a running vibe.tests.sandbox_process.Sandbox
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from vibe.tests.sandbox_process import Sandbox


@cache
def _types() -> ModuleType:
    # Reading the models takes seconds, which whoever only collects the tests must not pay.
    return import_module("aiogram.types")


@cache
def _models() -> dict[str, type[BaseModel]]:
    methods = import_module("aiogram.methods")
    named = (getattr(methods, name) for name in methods.__all__)
    return {one.__api_method__: one for one in named if isinstance(vars(one).get("__api_method__"), str)}


def check(sandbox: Sandbox) -> None:
    """Every call and every update so far. Raises AssertionError."""
    check_calls(sandbox.telegram_calls())
    check_updates(sandbox.telegram_updates())


def check_calls(calls: Iterable[Mapping[str, Any]]) -> None:
    """Rows of /_sandbox/telegram/calls."""
    for call in calls:
        name = call["method"]
        model = _models().get(name)
        assert model is not None, f"{name}: there is no such method"
        params = {key: _decoded(model, key, value) for key, value in call["params"].items()}
        params |= {key: _types().BufferedInputFile(b"", file["name"]) for key, file in call["files"].items()}
        _validate(name, model, params)


def check_updates(updates: Iterable[Mapping[str, Any]]) -> None:
    for update in updates:
        kinds = " ".join(key for key in update if key != "update_id")
        _validate(f"update {update.get('update_id')} ({kinds})", _types().Update, update)


def _validate(what: str, model: type[BaseModel], content: Mapping[str, Any]) -> None:
    try:
        read = model.model_validate(content)
    except ValidationError as error:
        raise AssertionError(f"{what}: {error}") from error
    strange = sorted(_strange(read, ""))
    assert not strange, f"{what}: nobody knows {', '.join(strange)}"


def _strange(read: Any, place: str) -> Iterable[str]:
    """Names that no model has, at any depth: aiogram lets them pass, as Telegram does."""
    if isinstance(read, list | tuple):
        for one in read:
            yield from _strange(one, place)
    if isinstance(read, BaseModel):
        yield from (f"{place}{name}" for name in read.model_extra or {})
        for name in type(read).model_fields:
            yield from _strange(getattr(read, name), f"{place}{name}.")


def _decoded(model: type[BaseModel], key: str, value: Any) -> Any:
    """In a form, whatever is no plain value is JSON."""
    field = model.model_fields.get(key)
    if field is None or not isinstance(value, str) or not _is_nested(field.annotation):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _is_nested(annotation: Any) -> bool:
    if getattr(annotation, "__origin__", None) in (list, dict) or annotation in (list, dict):
        return True
    if isinstance(annotation, type) and issubclass(annotation, _types().TelegramObject):
        return True
    return any(_is_nested(one) for one in get_args(annotation))
