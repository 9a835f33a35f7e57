from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Outbox, User
from vibe import backup
from vibe.clients.models import ServiceState
from vibe.tests.at_once import at_once

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(alice: User, tmp_path: Path) -> Path:
    """A backup with one listener, whose database is empty by now."""
    Outbox.objects.create(key="a", chat_id=7, kind="failed", payload={"run": 1, "email": "a@example.org"})
    Outbox.objects.update(created_at=NOW)
    User.objects.update(nightly_at=time(8), wildness=3, languages="ru 100")
    path = tmp_path / "backups" / "there.jsonl.gz"  # a folder that has to be made
    call_command("backup", str(path), stdout=StringIO())
    Outbox.objects.all().delete()
    User.objects.all().delete()
    return path


def restore(path: Path) -> str:
    said = StringIO()
    call_command("restore_backup", str(path), stdout=said, stderr=said)
    return said.getvalue()


def refused(path: Path, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        restore(path)
    assert not User.objects.exists()


def changed(path: Path, **header: object) -> Path:
    first, *rows = gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)
    other = path.with_name("changed.jsonl.gz")
    other.write_bytes(gzip.compress("".join([json.dumps(json.loads(first) | header) + "\n", *rows]).encode()))
    return other


def test_only_its_owner_may_read_it_and_nothing_else_is_left_beside_it(made):
    assert [path.stat().st_mode & 0o777 for path in (made, made.parent)] == [0o600, 0o700]
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_it_is_never_overwritten(made):
    held = made.read_bytes()
    with pytest.raises(CommandError, match="never overwritten"):
        call_command("backup", str(made))
    assert made.read_bytes() == held


def test_a_disk_that_fails_leaves_no_half_backup(db, tmp_path, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _number: (_ for _ in ()).throw(OSError("No space left")))
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", str(tmp_path / "b.jsonl.gz"))
    assert not [*tmp_path.iterdir()]


def test_the_command_says_that_the_keys_are_not_in_it(db, tmp_path):
    said = StringIO()
    call_command("backup", str(tmp_path / "b.jsonl.gz"), stdout=said)
    assert ".env file is NOT in it" in said.getvalue()
    assert "TOKEN_ENCRYPTION_KEYS" in said.getvalue()


def test_whoever_writes_meanwhile_neither_waits_nor_shows():
    def write() -> None:
        try:
            ServiceState.objects.create(service="spotify")
        finally:
            connection.close()

    with backup.one_moment():
        assert ServiceState.objects.count() == 0
        at_once(1, write)
        assert ServiceState.objects.count() == 0
    assert ServiceState.objects.count() == 1


def test_everything_is_as_it_was_but_what_waited(made):
    restore(made)
    alice, message = User.objects.get(), Outbox.objects.get()
    assert alice.spotify is not None
    assert alice.spotify.account_id == "acc-alice"
    assert (message.status, message.error_code, message.created_at) == ("dead", "restored", NOW)
    assert message.payload == {"run": 1}
    assert alice.nightly_since is not None
    assert (alice.wildness, alice.languages) == (3, "ru 100")
    assert User.objects.create_user("bob").pk > alice.pk


def test_a_database_that_holds_something_is_left_alone(made):
    User.objects.create_user("bob")
    with pytest.raises(CommandError, match=r"accounts\.User"):
        restore(made)
    assert User.objects.count() == 1


def test_what_is_no_backup_or_a_broken_one_is_refused_whole(made, tmp_path):
    (tmp_path / "text").write_text("Hello")
    refused(tmp_path / "text", "no backup")
    (tmp_path / "cut").write_bytes(made.read_bytes()[:-40])
    refused(tmp_path / "cut", "broken")
    refused(changed(made, counts={"accounts.user": 2}), "incomplete")
    refused(changed(made, format="daily-vibe-backup-2"), "newer")
    refused(tmp_path / "missing", "could not be read")


def test_a_row_of_a_table_that_backups_do_not_have_is_refused(made, tmp_path):
    row = {"model": "django_q.schedule", "pk": 1, "fields": {"func": "os.abort"}}
    other = tmp_path / "other.jsonl.gz"
    other.write_bytes(made.read_bytes() + gzip.compress(json.dumps(row).encode() + b"\n"))
    refused(other, "broken")


def test_tables_of_another_version_are_named_with_what_to_do(made):
    ours = backup.migrations()
    refused(changed(made, migrations=[*ours, "playlists.9999_later"]), "9999_later.*update Daily Vibe")
    refused(changed(made, migrations=ours[:-1]), "Check out the version of that day")


def test_tokens_that_no_key_opens_are_counted(made, settings):
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert "TOKEN_ENCRYPTION_KEYS opens: 1" in restore(made)


def test_with_the_right_keys_nothing_is_said_of_them(made):
    assert "TOKEN_ENCRYPTION_KEYS" not in restore(made)


def test_a_backup_of_long_ago_restores_blocks_that_still_hold_and_no_others(tmp_path):
    for name, hours in (("spotify", 5), ("lastfm", -5)):
        until = datetime.now(UTC) + timedelta(hours=hours)
        ServiceState.objects.create(service=name, blocked_until=until, reason="quota", permits_at=until)
    path = tmp_path / "b.jsonl.gz"
    call_command("backup", str(path), stdout=StringIO())
    ServiceState.objects.all().delete()
    restore(path)
    assert [one.service for one in ServiceState.objects.exclude(blocked_until=None)] == ["spotify"]
