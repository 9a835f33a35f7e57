"""The README's path to a live installation, walked to the letter with the sandbox in the place of Spotify; and that
every command which the documentation names is run by this test, by another, or by CI."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from vibe.management.pretend_browser import sign_in
from vibe.tests.sandbox_process import CLIENT, ROOT, Sandbox

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BY_HAND = {
    "make audit": "asks a database of advisories, which CI does not reach; test_audit judges what it answers",
    "make messages": "needs GNU gettext; test_locale checks what comes of it",
    "make run": "runs until Ctrl-C; make walk and test_run start the command behind it",
    "make chaos": "takes hours; CI runs make chaos-short, which leaves out what cannot be made short",
}
ELSEWHERE = {
    ".venv/bin/python manage.py sandbox": "test_sandbox_command",
    ".venv/bin/python -m vibe.sandbox.atlas": "test_atlas",
    ".venv/bin/python -m vibe.sandbox.synthetic": "test_sandbox_world",
    ".venv/bin/python manage.py demo": "test_demo",
    ".venv/bin/python manage.py runbot": "test_runbot",
    ".venv/bin/python manage.py restore": "test_restore",
    ".venv/bin/python manage.py backup": "test_moving",
    ".venv/bin/python manage.py doctor": "test_doctor",
    ".venv/bin/python manage.py evaluate": "test_evaluate",
    ".venv/bin/python manage.py restore_backup": "test_moving",
    ".venv/bin/python manage.py whatif": "test_whatif_command",
    ".venv/bin/python manage.py shell": "test_logs",
    ".venv/bin/python -m recommendations.evaluation.learning": "test_learning",
    ".venv/bin/python -m vibe.tests.attacks.timing": "make bench",
    ".venv/bin/python -m playlists.tests.chaos": "test_chaos; make chaos-short runs all of it in CI",
}


def commands(text: str) -> list[str]:
    """Lines of sh blocks, and what stands in backticks, as far as it calls make or our Python."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [re.sub(r"\s+# .*", "", line).strip() for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", text)
    return [line for line in lines if re.match(r"(make( |$)|\.venv/bin/python )", line)]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A fresh installation's environment: its own `.env`, its own database, a sandbox for the outside world."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        public = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with Sandbox() as sandbox:
        values = sandbox.environment | {
            "PUBLIC_URL": public,
            "SPOTIFY_CLIENT_ID": CLIENT[0],
            "SPOTIFY_CLIENT_SECRET": CLIENT[1],
            "LASTFM_API_KEY": "a-key",
            "SPOTIFY_CALL_GAP_MS": "0",
            "LASTFM_CALL_GAP_MS": "0",
            "LISTENBRAINZ_CALL_GAP_MS": "0",
            "MUSICBRAINZ_CALL_GAP_MS": "0",
            "DEEZER_CALL_GAP_MS": "0",
            "RECCOBEATS_CALL_GAP_MS": "0",
            "TELEGRAM_CALL_GAP_MS": "0",
            "DB_PATH": str(tmp_path / "db.sqlite3"),
        }
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        yield bare | {"ENV_FILE": str(tmp_path / ".env"), "PUBLIC_URL": public}


def python(line: str, environment: dict[str, str], *more: str) -> subprocess.Popen[str]:
    words = [sys.executable, *line.split()[1:]]
    pipe = subprocess.PIPE
    return subprocess.Popen([*words, *more], cwd=ROOT, env=environment, text=True, stdout=pipe, stderr=pipe)


def done(line: str, environment: dict[str, str], *more: str) -> str:
    process = python(line, environment, *more)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    return out


def test_the_way_to_a_live_installation_works_as_written(home):
    serve, connect, generate, work = (
        next(line for line in commands(README) if f" {word}" in line)
        for word in ("gunicorn", "connect", "generate", "runworker")
    )
    done(".venv/bin/python -m vibe.first_run", home, home["ENV_FILE"])
    done(".venv/bin/python manage.py migrate --verbosity 0", home)
    assert "no issues" in done(".venv/bin/python manage.py check", home)
    web = python(serve, home, "--bind", home["PUBLIC_URL"].removeprefix("http://"))
    try:
        wait_for(f"{home['PUBLIC_URL']}/health")
        sign_in(done(connect, home).strip(), "demo")
        assert "of 30 are new." in done(generate, home)
        superuser = {
            "DJANGO_SUPERUSER_USERNAME": "op",
            "DJANGO_SUPERUSER_PASSWORD": "a-Long-1",
            "DJANGO_SUPERUSER_EMAIL": "",
        }
        done(".venv/bin/python manage.py createsuperuser", home | superuser, "--noinput")
        stops_when_told(python(work, home))
    finally:
        web.terminate()
        web.communicate(timeout=20)


def stops_when_told(worker: subprocess.Popen[str]) -> None:
    assert worker.stderr is not None
    assert any("started" in line for line in worker.stderr)  # it would read on until the worker ends
    worker.terminate()
    worker.communicate(timeout=60)
    assert worker.returncode == 0


def wait_for(url: str) -> None:
    for _ in range(200):
        try:
            if requests.get(url, timeout=2).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


WALKED = [
    ".venv/bin/python -m gunicorn vibe.wsgi",
    *(".venv/bin/python manage.py " + verb for verb in ("check", "connect", "createsuperuser", "generate", "migrate")),
    ".venv/bin/python manage.py runworker",
]


def test_every_command_of_the_documentation_is_run_somewhere():
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for page in PAGES:
        for line in commands(page.read_text(encoding="utf-8")):
            if line.startswith("make"):
                assert line == "make" or line in BY_HAND or f"{line}\n" in ci, f"{page.name}: {line}"
            else:
                assert any(line.startswith(known) for known in (*WALKED, *ELSEWHERE)), f"{page.name}: {line}"


def test_every_page_that_the_readme_links_exists():
    for target in re.findall(r"\]\(([^)#]+\.md)\)", README):
        assert (ROOT / target).is_file(), target


def test_the_transcript_is_what_the_demo_prints():
    transcript = re.search(r"<!-- transcript -->\n```text\n(.*?)```", README, re.DOTALL)
    assert transcript is not None
    assert transcript[1].count("lastfm_similar_tracks") > 15
    assert "of 30 are new." in transcript[1]


def test_every_link_within_the_documentation_leads_somewhere():
    dead = [
        f"{page.name}: {link}"
        for page in PAGES
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in link and not _leads(page, link)
    ]
    assert dead == []


def _leads(page: Path, link: str) -> bool:
    name, _hash, anchor = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(page: Path) -> set[str]:
    """As they are made of headings: small letters, hyphens for spaces, and of all other signs none."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
