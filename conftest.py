"""What every test shares: no network beyond loopback, no operator's `.env`, quick paced-free calls."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import django
import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

if TYPE_CHECKING:
    from accounts.models import User

# Set up here and not by pyproject.toml: pytest-django would read the settings before this file has run.
os.environ["DJANGO_SETTINGS_MODULE"] = "vibe.settings"
os.environ["ENV_FILE"] = os.devnull
for name in ("SECRET_KEY", "INTERNAL_JOB_TOKEN", "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "LASTFM_API_KEY"):
    os.environ[name] = f"test-{name.lower()}-0123456789-0123456789-0123456789-0123456789"
os.environ["TOKEN_ENCRYPTION_KEYS"] = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
for service in ("SPOTIFY", "LASTFM", "LISTENBRAINZ", "MUSICBRAINZ", "DEEZER", "RECCOBEATS", "TELEGRAM"):
    os.environ[f"{service}_CALL_GAP_MS"] = "0"
os.environ["LISTENBRAINZ"] = "0"  # which needs no key: only a test that is about it switches it on
(Path(__file__).parent / "var").mkdir(exist_ok=True)
django.setup()
if connection.vendor == "sqlite":
    # A file, as in life: threads that meet in a database in memory get errors that no installation knows.
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings.DATABASES["default"]["TEST"]["NAME"] = str(Path(folder) / "test.sqlite3")

if "TEST_TABLES" not in os.environ:  # inherited by the processes that share a run
    os.environ["TEST_TABLES"] = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, os.environ["TEST_TABLES"], ignore_errors=True)

# A password's hash is slow on purpose, and no test is about it.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A shell's background jobs ignore Ctrl-C, and so would every process that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No test has a time limit: a busy machine is no defect. Half the usual examples, for there are many properties.
hypothesis.settings.register_profile("ours", deadline=None, max_examples=50)
hypothesis.settings.load_profile("ours")


def pytest_collection_finish() -> None:
    # Thousands of tests and all modules stay to the end: looking through them again and again for rubbish is in vain.
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Whether the tables are there before the tests are."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Making the tables takes seconds: the processes of a run make them once."""
    if connection.vendor == "sqlite":
        from vibe.tests.databases import migrated

        migrated(Path(connection.settings_dict["TEST"]["NAME"]))


@pytest.fixture(autouse=True)
def nobody_came_before() -> None:
    """What the limits on how often remember of the test before is of another visitor."""
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    """A listener whose Spotify account is linked."""
    from accounts.encryption import seal
    from accounts.models import SpotifyAccount, User

    user = User.objects.create_user("alice", telegram_chat_id=7)
    now = datetime.now(UTC)
    SpotifyAccount.objects.create(
        user=user,
        account_id="acc-alice",
        spotify_user_id="alice",
        access_token_sealed=seal(f"{user.pk}/acc-alice/access", "alices-token"),
        expires_at=now + timedelta(hours=1),
        authorized_at=now,
        pending=False,
    )
    return user
