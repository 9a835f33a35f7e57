"""Reads who listened to what. The formats: docs/taste.md."""

from __future__ import annotations

import csv
import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

INTERACTIONS, TRACKS, DEVELOPMENT, PLAYS = "interactions.csv", "tracks.csv", "development_users.txt", "plays.csv"

BROKEN = (UnicodeDecodeError, csv.Error, EOFError, zlib.error, OSError)
LATEST = 253_402_300_799  # the end of the year 9999, in Unix time; what is larger was meant otherwise

Session = list[tuple[int, int]]  # (Unix time, track), in order


class DataError(Exception):
    """What is wrong with the files, as a sentence that names the line."""


@dataclass(frozen=True, slots=True)
class Data:
    """Tracks and artists are numbers from 0; ties are broken by them, so they follow the order of the ids."""

    artists: Sequence[int]  # of each track; where nobody says, each stands for its own
    listeners: dict[str, list[int]]  # the tracks of each, each once
    sessions: dict[str, list[Session]] | None = None  # in order, where the data has times
    has_artists: bool = True
    development: frozenset[str] = frozenset()  # listeners to tune on; empty where the data names none


def load(folder: Path) -> Data:
    """Raises DataError."""
    if not os.access(folder, os.R_OK | os.X_OK) or not folder.is_dir():
        raise DataError(f"{folder} is no folder that may be read.")
    if path := _find(folder, INTERACTIONS):
        return _interactions(folder, path)
    if path := _find(folder, PLAYS):
        return _plays(path)
    raise DataError(f"{folder} has neither {INTERACTIONS} nor {PLAYS} (plain or .gz).")


def _interactions(folder: Path, path: Path) -> Data:
    rows = [(user, track) for _line, (user, track) in _rows(path, ("user", "track"))]
    names = _numbered({track for _user, track in rows})
    listeners: dict[str, dict[int, None]] = {}
    for user, track in rows:
        listeners.setdefault(user, {})[names[track]] = None
    tracks = _find(folder, TRACKS)
    artists = _artists(tracks, names, path) if tracks else list(names.values())
    development = _development(folder, listeners)
    return Data(artists, {user: sorted(kept) for user, kept in listeners.items()}, None, bool(tracks), development)


def _artists(path: Path, names: dict[str, int], asked_by: Path) -> list[int]:
    told = {track: artist for _line, (track, artist) in _rows(path, ("track_id", "artist_id"))}
    if missing := next((track for track in names if track not in told), None):
        raise DataError(f"{path}: track {missing} of {asked_by.name} is not there.")
    numbers = _numbered({told[track] for track in names})
    return [numbers[told[track]] for track in names]


def _development(folder: Path, listeners: dict[str, dict[int, None]]) -> frozenset[str]:
    path = _find(folder, DEVELOPMENT)
    if not path:
        return frozenset()
    try:
        users = [line.strip() for line in _unpacked(path).decode("utf-8-sig").splitlines()]
    except BROKEN as error:
        line = error.object.count(b"\n", 0, error.start) if isinstance(error, UnicodeDecodeError) else 0
        raise DataError(f"{path}, line {line + 1}: {_trouble(error)}.") from error
    for number, user in enumerate(users, 1):
        if user and user not in listeners:
            raise DataError(f"{path}, line {number}: there is no user {user}.")
    return frozenset(users) - {""}


def _unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _plays(path: Path) -> Data:
    sessions: dict[str, dict[str, list[tuple[int, str]]]] = {}
    for line, (user, session, track, time) in _rows(path, ("user", "session", "track", "time")):
        if not (time.isdecimal() and len(time) <= len(str(LATEST)) and int(time) <= LATEST):
            raise DataError(f"{path}, line {line}: the time is {time[:20]!r}, and not a Unix time in seconds.")
        sessions.setdefault(user, {}).setdefault(session, []).append((int(time), track))
    names = _numbered({track for heard in sessions.values() for plays in heard.values() for _at, track in plays})
    in_order = {
        user: sorted(sorted((at, names[track]) for at, track in plays) for plays in heard.values())
        for user, heard in sessions.items()
    }
    listeners = {user: sorted({track for one in heard for _at, track in one}) for user, heard in in_order.items()}
    return Data(list(range(len(names))), listeners, in_order, has_artists=False)


def _numbered(ids: set[str]) -> dict[str, int]:
    return {one: number for number, one in enumerate(sorted(ids, key=lambda one: (len(one), one)))}


def _find(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.exists()), None)


def _trouble(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "this is no UTF-8 text"
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """(line number, the values of `columns`) of each row; at least one."""
    line = 1
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if missing := [column for column in columns if column not in header]:
                raise DataError(f"{path}, line 1: the column {missing[0]!r} is missing.")
            places = [header.index(column) for column in columns]
            for row in reader:
                line = reader.line_num
                if len(row) != len(header):
                    raise DataError(f"{path}, line {line}: {len(header)} values are expected, {len(row)} are there.")
                values = [row[place] for place in places]
                if not all(values):
                    raise DataError(f"{path}, line {line}: a value is empty.")
                yield line, values
            if line == 1:
                raise DataError(f"{path}, line 1: nothing follows the header.")
    except BROKEN as error:
        raise DataError(f"{path}, after line {line}: {_trouble(error)}.") from error
