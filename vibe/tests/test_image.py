"""The image's steps, carried out without a container engine: on read-only files, as a plain user."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from vibe.tests.image import Image
from vibe.tests.sandbox_process import CLIENT, Sandbox, small_world

TOKEN = "1000000001:a-token-of-thirty-five-characters-or-so"


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with TemporaryDirectory() as name:  # not pytest's, which nobody else may enter
        image = Image(Path(name))
        image.folder.chmod(0o755)
        image.build()
        yield image
        subprocess.run(["/usr/bin/env", "chmod", "-R", "u+w", image.folder], check=True)


def configured(sandbox: Sandbox) -> dict[str, str]:
    own = {
        "SPOTIFY_CLIENT_ID": CLIENT[0],
        "SPOTIFY_CLIENT_SECRET": CLIENT[1],
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "OPERATOR_CHAT_ID": "7",
    }
    return {**sandbox.environment, **own}


def test_web_bot_and_worker_start_at_once_and_stop_when_told_and_write_nothing_else(image):
    before = image.contents()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    web = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in image.words("CMD")]
    commands = {"web": web, "worker": ["python", "manage.py", "runworker"], "bot": ["python", "manage.py", "runbot"]}
    with Sandbox(world=small_world()) as sandbox:
        values = configured(sandbox)
        running = {name: image.start(words, values) for name, words in commands.items()}
        try:
            for name, begun in {"web": "Listening at", "worker": "worker: started", "bot": "bot: started"}.items():
                wait_for(begun, running[name])
            check = json.loads(re.sub(r".*CMD (?=\[)", "", image.one("HEALTHCHECK")).replace("8000", port))
            for words in (check, ["python", "manage.py", "alive", "bot"]):
                asked = image.start(words, values)
                said, _ = asked.communicate(timeout=60)
                assert asked.returncode == 0, said
        finally:
            for process in running.values():
                process.send_signal(getattr(signal, image.one("STOPSIGNAL")))
        ends = {name: (process.communicate(timeout=60)[0], process.returncode) for name, process in running.items()}
    assert {name: code for name, (_said, code) in ends.items()} == {"web": 0, "worker": 0, "bot": 0}, ends
    assert image.contents() == before
    data = image.folder / "data"
    assert {path.name for path in data.iterdir()} - {"db.sqlite3-shm", "db.sqlite3-wal"} == {
        *(".env", "var", "db.sqlite3", "db.sqlite3.migrating")
    }
    assert [(data / name).stat().st_mode & 0o077 for name in (".env", "db.sqlite3")] == [0, 0]


def wait_for(said: str, process: subprocess.Popen[str]) -> None:
    heard = ""
    assert process.stdout is not None
    for line in process.stdout:
        heard += line
        if said in line:
            return
    raise AssertionError(heard)


def test_the_builder_s_tools_and_the_tests_stay_behind(image):
    app, venv = image.folder / "app", image.folder / "venv"
    assert not [*app.rglob("tests"), *venv.glob("bin/pip*"), *app.glob(".git*"), *app.glob(".env*"), *app.glob("*.md")]
    assert not any(name == "RUN" and "install " in words and "pip" in words for name, words in final(image))
    assert list(app.rglob("__pycache__/settings.*.pyc"))
    assert {path.parent.parent.name for path in app.glob("locale/*/LC_MESSAGES/django.mo")} == {"en", "ru"}


def test_it_runs_as_a_user_of_a_fixed_number_who_alone_reads_his_data(image):
    (made,) = [words for name, words in final(image) if name == "RUN"]
    number = image.one("USER").partition(":")[0]
    assert number.isdecimal()
    assert f"--uid {number}" in made
    assert "install -d -m 0700 -o vibe -g vibe /data" in made
    assert image.one("VOLUME") == "/data"
    assert os.access(image.folder / "app" / "entrypoint.sh", os.X_OK)


def final(image: Image) -> list[tuple[str, str]]:
    return [(name, words) for stage, name, words in image.steps if stage == image.last]


def test_a_start_that_fails_says_so_and_starts_nothing(image):
    process = image.start(["echo", "started"], {"DB_PATH": str(Path("nowhere") / "db.sqlite3")})
    said, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "started" not in said.splitlines()
    assert "Traceback" not in said
