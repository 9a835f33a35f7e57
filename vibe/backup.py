"""A backup: every row worth keeping, as JSON lines, the same for SQLite and PostgreSQL.

The first line says what the file is: when it was made, at which migrations, how many rows of each table follow.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

FORMAT = "daily-vibe-backup-1"
# Django's own and the libraries' tables hold logins, locks, logs and what migrations write; two of ours, moments.
OURS = ("accounts", "recommendations", "playlists", "clients", "botapp")
PASSING = ("accounts.oauthstate", "clients.heartbeat")
STEP = 1_000


class Refused(Exception):
    """The file or the database is not one that can be restored with the other; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Header:
    made_at: str
    migrations: list[str]
    counts: dict[str, int]  # by table
    format: str = FORMAT


def tables() -> list[type[Model]]:
    found = (model for app in OURS for model in apps.get_app_config(app).get_models())
    return [model for model in found if model._meta.label_lower not in PASSING]


def write(path: Path, now: datetime) -> Header:
    """The state of one moment, whoever writes meanwhile, into a new file that only its owner may read.

    Raises FileExistsError and OSError, which leave no file.
    """
    if path.exists():
        raise FileExistsError(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as raw:
            with gzip.open(raw, "wt", encoding="utf-8", compresslevel=6) as file, one_moment():
                header = _write_rows(file, now)
            raw.flush()
            os.fsync(raw.fileno())
        os.rename(part, path)
    except BaseException:
        os.unlink(part)
        raise
    return header


@contextmanager
def one_moment() -> Iterator[None]:
    """All reads inside see the database as it was at the first of them; nobody is kept from writing."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        # By hand: `atomic` would begin an IMMEDIATE one, which writers wait for.
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _write_rows(file: IO[str], now: datetime) -> Header:
    counts = {model._meta.label_lower: model._base_manager.count() for model in tables()}
    header = Header(now.isoformat(), migrations(), counts)
    file.write(json.dumps(asdict(header)) + "\n")
    for model in tables():
        columns = [field.name for field in model._meta.concrete_fields]
        rows = model._base_manager.order_by("pk").iterator(chunk_size=STEP)
        serializers.serialize("jsonl", rows, stream=file, fields=columns, cls=_Exact)
    return header


class _Exact(DjangoJSONEncoder):
    """Django's leaves the microseconds out, by which some rows differ."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def migrations() -> list[str]:
    """Those of our tables that are applied."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied if app in OURS)


@contextmanager
def opened(path: Path) -> Iterator[tuple[Header, IO[str]]]:
    """Its header, and the rows to give to `load`. Raises Refused and OSError."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        try:
            known = json.loads(file.readline())
            header = Header(**known)
        except (ValueError, TypeError, EOFError, gzip.BadGzipFile, zlib.error):
            raise Refused("This file is no backup of Daily Vibe.") from None
        if header.format != FORMAT:
            raise Refused("This backup was made by a newer Daily Vibe: update first.")
        yield header, file


def refuse_misfit(header: Header) -> None:
    """Raises Refused where the tables here are not those of the backup, or hold something already."""
    ours, theirs = set(migrations()), set(header.migrations)
    if missing := sorted(theirs - ours):
        raise Refused(f"The backup has {missing[-1]}, and this database has not: update Daily Vibe and migrate first.")
    if more := sorted(ours - theirs):
        raise Refused(
            f"The backup is of {header.made_at[:10]}, before {more[0]}. Check out the version of that day, restore the"
            " backup into an empty database with it, then update and migrate."
        )
    if full := [model._meta.label for model in tables() if model._base_manager.exists()]:
        raise Refused(
            f"This database holds rows already ({', '.join(full)}), and a backup goes into an empty one: name a new one"
            " in DB_PATH or DATABASE_URL and run `manage.py migrate`."
        )


def load(header: Header, file: IO[str]) -> None:
    """Inserts all rows, in the caller's transaction. Raises Refused where they are not what the header says."""
    counted: Counter[str] = Counter()
    try:
        for _label, rows in groupby(_rows(file), lambda row: row._meta.label_lower):
            while batch := list(islice(rows, STEP)):
                counted[batch[0]._meta.label_lower] += len(batch)
                _insert(type(batch[0]), batch)
    except (DeserializationError, ValueError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Refused(f"The backup is broken ({type(error).__name__}), so nothing was restored.") from None
    if counted != Counter(header.counts):
        raise Refused("The backup is incomplete, so nothing was restored.")
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(statement)


def _rows(file: IO[str]) -> Iterator[Model]:
    known = set(tables())
    for row in serializers.deserialize("jsonl", file):
        if type(row.object) not in known:
            raise ValueError("a table that backups do not have")
        yield row.object


def _insert(model: type[Model], rows: list[Model]) -> None:
    if any(getattr(field, "auto_now_add", False) for field in model._meta.concrete_fields):
        for row in rows:  # in bulk, each would get today's date
            row.save_base(raw=True, force_insert=True)
    else:
        model._base_manager.bulk_create(rows)
