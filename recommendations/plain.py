"""The engine's words as plain JSON and back: by columns, with each text once, so that much is small."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Any

from recommendations.candidates import Candidate, Found, Given, Heard, Listening, Profile, Ranked, Seed, SeedArtist
from vibe.clients.types import Artist, Track

_ALL: tuple[Any, ...] = (Artist, Track, Heard, Given, Listening, Seed, SeedArtist, Profile, Found, Candidate, Ranked)
WORDS = {cls.__name__: cls for cls in _ALL}
Plain = Any  # what json writes: None, bool, int, float, str, list and dict


def to_plain(value: Any) -> Plain:
    """Raises TypeError for a value of any class but `WORDS` and Python's own."""
    writer = _Writer()
    body = writer.one(value)
    return {"texts": list(writer.texts), "body": body}


def from_plain(plain: Plain) -> Any:
    """What `to_plain` was given, with tuples for sequences. Fields that a class no longer has are left out.

    Raises KeyError, IndexError, TypeError or ValueError where it is of another make.
    """
    return _Reader(plain["texts"]).one(plain["body"])


class _Writer:
    def __init__(self) -> None:
        self.texts: dict[str, int] = {}

    def one(self, value: Any) -> Plain:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, date):  # as a datetime is
            return {"$": type(value).__name__, "of": value.isoformat()}
        if isinstance(value, str) or _is_word(type(value)):
            return {"$": "one", "of": self.column([value])}
        if isinstance(value, Mapping):
            return {"$": "map", "keys": self.column(list(value)), "values": self.column(list(value.values()))}
        if isinstance(value, AbstractSet):
            return {"$": "set", "of": self.column(sorted(value))}
        if isinstance(value, Sequence):
            return self.column(value)
        raise TypeError(f"{type(value).__name__} has no plain form")

    def column(self, values: Sequence[Any]) -> Plain:
        if not values:
            return []
        kinds = set(map(type, values))
        if all(issubclass(kind, str) for kind in kinds):
            places = [self.texts.setdefault(value, len(self.texts)) for value in values]
            # Texts that are new follow each other: as steps they are all the same.
            return {"$": "texts", "steps": [place - before for before, place in pairwise((0, *places))]}
        unique = _unique(values, kinds)
        if len(unique) <= len(values) / 2:
            place = {value: n for n, value in enumerate(unique)}
            return {"$": "same", "of": self.column(unique), "at": [place[value] for value in values]}
        if all(issubclass(kind, tuple | list) and not _is_word(kind) for kind in kinds):
            flat = [one for value in values for one in value]
            return {"$": "lists", "sizes": list(map(len, values)), "of": self.column(flat)}
        cls = type(values[0])
        if kinds == {cls} and _is_word(cls):
            columns = {name: self.column(list(map(attrgetter(name), values))) for name in _fields(cls)}
            return {"$": cls.__name__, **columns}
        return [self.one(value) for value in values]


def _unique(values: Sequence[Any], kinds: AbstractSet[type]) -> Sequence[Any]:
    """Each once; all of them where they can't be told apart: 1, 1.0 and True are equal."""
    try:
        return list(dict.fromkeys(values)) if len(kinds - {type(None)}) <= 1 else values
    except TypeError:
        return values


def _is_word(kind: type) -> bool:
    return kind is WORDS.get(kind.__name__)


def _fields(cls: Any) -> Sequence[str]:
    return [field.name for field in fields(cls)] if is_dataclass(cls) else cls._fields


class _Reader:
    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.kinds: Mapping[str, Callable[[Plain], Any]] = {
            "date": lambda plain: date.fromisoformat(plain["of"]),
            "datetime": lambda plain: datetime.fromisoformat(plain["of"]),
            "one": lambda plain: self.one(plain["of"])[0],
            "map": lambda plain: dict(zip(self.one(plain["keys"]), self.one(plain["values"]), strict=True)),
            "set": lambda plain: frozenset(self.one(plain["of"])),
            "texts": lambda plain: tuple(texts[place] for place in accumulate(plain["steps"])),
            "same": self.same,
            "lists": self.lists,
        }

    def one(self, plain: Plain) -> Any:
        if isinstance(plain, list):
            return tuple(map(self.one, plain))
        if not isinstance(plain, dict):
            return plain
        read: Callable[[Plain], Any] = self.kinds.get(plain["$"], self.rows)
        return read(plain)

    def same(self, plain: Plain) -> tuple[Any, ...]:
        unique = self.one(plain["of"])
        return tuple(unique[place] for place in plain["at"])

    def lists(self, plain: Plain) -> tuple[Any, ...]:
        flat, ends = self.one(plain["of"]), list(accumulate(plain["sizes"], initial=0))
        return tuple(flat[start:end] for start, end in pairwise(ends))

    def rows(self, plain: Plain) -> tuple[Any, ...]:
        cls = WORDS[plain["$"]]
        columns = {name: self.one(plain[name]) for name in _fields(cls) if name in plain}
        return tuple(cls(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True))
