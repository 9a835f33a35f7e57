from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from vibe.first_run import SECRETS, make_secrets

NAMES = list(SECRETS)


def read(path: Path) -> dict[str, str]:
    """As the settings read it."""
    values: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", values)
        patch.setattr(environ.Env, "ENVIRON", values)
        environ.Env.read_env(path)
    return values


def run(path: Path) -> subprocess.Popen[str]:
    # -S and -I: what runs before anything is installed may need nothing that is installed.
    script = f"import sys; sys.path.insert(0, {str(settings.BASE_DIR)!r}); sys.argv[1:] = [{str(path)!r}]\n"
    script += "import runpy; runpy.run_module('vibe.first_run', run_name='__main__')"
    return subprocess.Popen([sys.executable, "-I", "-S", "-c", script], stdout=subprocess.PIPE, text=True)


def test_a_missing_file_is_made_for_its_owner_only(tmp_path):
    path = tmp_path / ".env"
    assert make_secrets(path) == NAMES
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(read(path)) == NAMES
    assert ".env.example" in path.read_text()


def test_a_file_that_everybody_could_read_is_closed_to_others(tmp_path):
    path = tmp_path / ".env"
    path.write_text("DEBUG=0\n")
    path.chmod(0o644)
    make_secrets(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_secrets_pass_for_what_they_are(tmp_path):
    make_secrets(tmp_path / ".env")
    values = read(tmp_path / ".env")
    assert len(values["SECRET_KEY"]) >= 50
    assert len(values["INTERNAL_JOB_TOKEN"]) >= 32
    Fernet(values["TOKEN_ENCRYPTION_KEYS"])
    make_secrets(tmp_path / "other")
    assert not set(values.values()) & set(read(tmp_path / "other").values())


def test_a_second_run_changes_nothing(tmp_path):
    path = tmp_path / ".env"
    make_secrets(path)
    before = path.read_bytes()
    assert make_secrets(path) == []
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("found", "added"),
    [
        ("SECRET_KEY=mine", NAMES[1:]),
        ("DEBUG=1\nexport SECRET_KEY=mine\n", NAMES[1:]),
        ("# SECRET_KEY=example\n", NAMES),
        ("SECRET_KEY=\n", NAMES),
        ('SECRET_KEY=""\n', NAMES),
        ("MY_SECRET_KEY=other\n", NAMES),
        ("SECRET_KEY=mine\nTOKEN_ENCRYPTION_KEYS='k'\nINTERNAL_JOB_TOKEN=t\n", []),
    ],
)
def test_only_what_is_missing_is_added_and_nothing_is_changed(tmp_path, found, added):
    path = tmp_path / ".env"
    path.write_text(found)
    assert make_secrets(path) == added
    assert path.read_text().startswith(found)
    assert all(read(path)[name] for name in NAMES)
    assert read(path).get("SECRET_KEY") == "mine" or "SECRET_KEY" in added


def test_two_processes_at_once_leave_one_consistent_file(tmp_path):
    path = tmp_path / ".env"
    processes = [run(path) for _ in range(8)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8
    lines = [line.partition("=")[0] for line in path.read_text().splitlines() if not line.startswith("#")]
    assert lines == NAMES
    assert sum("Made in" in output for output in outputs) == 1
    assert not any(value in output for value in read(path).values() for output in outputs)
    assert (tmp_path / "var").is_dir()
