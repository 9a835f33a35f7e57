"""Scripted faults: which request gets which, how often. What each does to an answer: `misbehave.py`."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

SERVICES = (
    *("spotify", "accounts", "lastfm", "listenbrainz", "listenbrainz_labs", "musicbrainz"),
    *("deezer", "reccobeats", "telegram"),
)
KINDS: dict[str, tuple[str, ...]] = {  # what each kind may say beside where it applies
    "rate_limit": ("seconds",),
    "quota": ("seconds",),
    "expired": (),
    "server_error": ("status",),
    "forbidden": ("reason",),
    "not_found": (),
    "timeout_after_write": ("mode", "seconds"),
    "empty": (),
    "odd_rows": ("only",),
    "unplayable": ("share",),
    "not_kept": ("share",),
    "malformed": (),
    "slow": ("seconds",),
    "invalid_grant": ("reason",),
    "refresh_rotated": (),
    "refresh_empty": (),
    "playlist_lag": ("seconds", "lists"),
    "lastfm_error": ("code", "status"),
    "deezer_error": ("code",),
    "dead_ids": ("rows",),
    "blocked": (),
    "chat_not_found": (),
    "unauthorized": (),
}
# These make sense at one place only, so they need not name it.
HOME: dict[str, tuple[str, str]] = {
    "quota": ("spotify", ""),
    "expired": ("spotify", ""),
    "forbidden": ("spotify", ""),
    "odd_rows": ("spotify", ""),
    "unplayable": ("spotify", ""),
    "not_kept": ("spotify", ""),
    "invalid_grant": ("accounts", "refresh_token"),
    "refresh_rotated": ("accounts", "refresh_token"),
    "refresh_empty": ("accounts", "refresh_token"),
    "playlist_lag": ("spotify", "create_playlist"),
    "lastfm_error": ("lastfm", ""),
    "deezer_error": ("deezer", ""),
    "dead_ids": ("listenbrainz_labs", ""),
    "blocked": ("telegram", ""),
    "chat_not_found": ("telegram", ""),
    "unauthorized": ("telegram", ""),
}
CHOICES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("forbidden", "reason"): ("removed", "not_registered", "premium", "scope"),
    ("invalid_grant", "reason"): ("expired", "revoked"),
    ("timeout_after_write", "mode"): ("hang", "drop"),
    ("server_error", "status"): (500, 502, 503, 504),
    ("odd_rows", "only"): (False, True),
}
WHERE = ("service", "path", "method", "times", "after")


class FaultError(ValueError):
    """The fault asked for makes no sense; the message says why."""


@dataclass(slots=True)
class Fault:
    kind: str
    service: str = ""
    path: str = ""  # a prefix of the path, or a regular expression found in it
    method: str = ""
    times: int | None = 1  # None: until cleared
    after: int = 0  # let so many matching requests pass first
    options: dict[str, Any] = field(default_factory=dict)
    fired: int = 0

    def matches(self, service: str, method: str, path: str, step: str) -> bool:
        home, only = HOME.get(self.kind, ("", ""))
        if (self.service or home or service) != service or (only and only != step):
            return False
        if self.method and self.method != method:
            return False
        return path.startswith(self.path) or re.search(self.path, path) is not None


def parse(raw: Any) -> Fault:
    """A fault from the JSON of POST /_sandbox/faults. Raises FaultError."""
    if not isinstance(raw, Mapping) or raw.get("kind") not in KINDS:
        raise FaultError(f"kind must be one of {', '.join(KINDS)}")
    kind = str(raw["kind"])
    if strange := set(raw) - {"kind", *WHERE, *KINDS[kind]}:
        raise FaultError(f"{kind} knows no {', '.join(sorted(strange))}")
    fault = Fault(kind, _text(raw, "service"), _text(raw, "path"), _text(raw, "method").upper())
    fault.times = None if raw.get("times", 1) is None else _count(raw, "times", 1)
    fault.after = _count(raw, "after", 0)
    fault.options = {name: _option(kind, name, raw[name]) for name in KINDS[kind] if name in raw}
    if fault.service and fault.service not in SERVICES:
        raise FaultError(f"service must be one of {', '.join(SERVICES)}")
    try:
        re.compile(fault.path)
    except re.error as error:
        raise FaultError(f"path is no regular expression: {error}") from error
    return fault


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name, "")
    if not isinstance(value, str):
        raise FaultError(f"{name} must be a text")
    return value


def _count(raw: Mapping[str, Any], name: str, default: int) -> int:
    value = raw.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FaultError(f"{name} must be a whole number from 0 on")
    return value


def _option(kind: str, name: str, value: Any) -> Any:
    allowed = CHOICES.get((kind, name))
    if allowed and value not in allowed:
        raise FaultError(f"{name} must be one of {', '.join(map(str, allowed))}")
    if not allowed and (not isinstance(value, int | float) or isinstance(value, bool) or value < 0):
        raise FaultError(f"{name} must be a number from 0 on")
    return value


class Faults:
    """The faults in force. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, faults: list[Fault]) -> None:
        with self._lock:
            self._faults.extend(faults)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def take(self, service: str, method: str, path: str, step: str) -> Fault | None:
        """The fault this request gets, if any: the first that matches, one a request."""
        with self._lock:
            for fault in self._faults:
                if not fault.matches(service, method, path, step):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.fired += 1
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None
