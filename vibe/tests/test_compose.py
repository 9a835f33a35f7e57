"""compose.yaml: what every service is held to, and that its settings are ones the service accepts."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml
from django.core.management import get_commands

from vibe.tests.image import instructions
from vibe.tests.sandbox_process import ROOT

TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
OURS = ("web", "worker", "bot")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Of Compose's own, by what follows the service, if anything does.
TAKES_A_COMMAND, TAKES_SERVICES = ("exec", "run"), ("up", "build", "stop", "logs", "ps")
IMAGE = {name: words for _stage, name, words in instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))}


def interpolated(text: str, values: dict[str, str]) -> str:
    """As Compose does it: `${NAME:-instead}` and `${NAME:+replacement}`."""

    def value(found: re.Match[str]) -> str:
        name, operator, word = found.groups()
        said = values.get(name, "")
        return (said or word) if operator == "-" else (word if said else "")

    return re.sub(r"\$\{(\w+):([-+])([^}]*)\}", value, text)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_locked_in_comes_back_and_is_looked_after(name):
    service = SERVICES[name]
    assert (service["restart"], service["read_only"], service["cap_drop"]) == ("unless-stopped", True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"]["max-size"]
    assert service["stop_grace_period"] == "60s"
    assert "healthcheck" in service or (name == "web" and IMAGE["HEALTHCHECK"])


@pytest.mark.parametrize("name", OURS)
def test_ours_are_one_image_run_as_its_user_with_one_volume(name):
    service = SERVICES[name]
    assert (service["image"], service["build"], service["init"]) == ("daily-vibe", ".", True)
    assert service["user"] == IMAGE["USER"]
    assert service["volumes"] == ["data:/data"]
    assert service["environment"]["ENV_FILE"].startswith("/data/")
    assert "profiles" not in service


def test_only_the_https_profile_is_reached_from_outside():
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports.pop("caddy") == ["80:80", "443:443", "443:443/udp"]
    assert all(port.startswith("127.0.0.1:") for several in ports.values() for port in several)
    assert {name: service.get("profiles") for name, service in SERVICES.items() if name not in OURS} == {
        "postgres": ["postgres"],
        "caddy": ["https"],
    }


def test_no_variable_is_required_by_a_profile_that_is_not_used():
    assert not re.search(r"\$\{\w+:?\?", TEXT.split("x-hardened:")[1])
    assert interpolated(SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"], {}) == ""  # which PostgreSQL refuses


@pytest.mark.parametrize(
    ("values", "public"), [({}, "http://127.0.0.1:8000"), ({"DOMAIN": "vibe.example.org"}, "https://vibe.example.org")]
)
def test_address_and_hosts_follow_from_the_domain(values, public, tmp_path):
    told = {name: interpolated(text, values) for name, text in SERVICES["web"]["environment"].items()}
    assert told["PUBLIC_URL"] == public
    own = {"ENV_FILE": str(ROOT / ".ci/production.env"), "DB_PATH": str(tmp_path / "db"), "DATABASE_URL": ""}
    command = [sys.executable, "manage.py", "check", *(["--deploy", "--fail-level", "WARNING"] if values else [])]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **told, **own}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # The health check of a container asks for 127.0.0.1.
    assert "127.0.0.1" in told["ALLOWED_HOSTS"].split(",")


def test_postgresql_is_not_complained_of_for_what_the_image_sets():
    fixed = dict(pair.split("=", 1) for pair in IMAGE["ENV"].split())
    told = {name: interpolated(text, {}) for name, text in SERVICES["web"]["environment"].items()}
    values = {name: value for name, value in os.environ.items() if name != "DB_PATH"}
    values |= {**fixed, **told, "ENV_FILE": str(ROOT / ".ci/production.env"), "PATH": os.environ["PATH"]}
    values["DATABASE_URL"] = "postgres://vibe:secret@postgres:5432/vibe"
    command = [sys.executable, "manage.py", "check", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=values, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_bot_that_would_only_end_can_be_left_out_for_good():
    replicas = SERVICES["bot"]["deploy"]["replicas"]
    assert [interpolated(replicas, values) for values in ({}, {"BOTS": "0"})] == ["1", "0"]


def test_caddy_has_a_name_without_a_domain_too():
    assert interpolated(SERVICES["caddy"]["environment"]["DOMAIN"], {"DOMAIN": ""}) == "vibe.invalid"
    assert "{$DOMAIN} {" in (ROOT / "Caddyfile").read_text(encoding="utf-8")


def test_caddy_says_itself_who_asks_and_keeps_what_is_inside_inside():
    caddy = (ROOT / "Caddyfile").read_text(encoding="utf-8")
    for line in (
        "@inside path /metrics /metrics/* /internal/*",
        "respond @inside 404",
        "header_up X-Forwarded-Proto {scheme}",
        "header_up X-Forwarded-For {remote_host}",
        "reverse_proxy web:8000 {",
    ):
        assert re.search(rf"(?m)^\s*{re.escape(line)}$", caddy)
    assert caddy.count("{") == caddy.count("}")
    assert "Strict-Transport-Security" not in caddy


def test_the_pages_ask_for_what_is_inside_from_inside():
    lines = [line for page in PAGES for line in page.read_text(encoding="utf-8").splitlines()]
    asked = [line for line in lines if re.match(r"curl .*/(metrics|internal)\b", line)]
    assert len(asked) > 1
    assert all(" http://127.0.0.1:8000/" in line and '"X-Forwarded-Proto: https"' in line for line in asked)


def written() -> Iterator[tuple[str, list[str]]]:
    """Every `docker compose` command of the pages, as words."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
        for line in (*lines, *re.findall(r"`([^`]+)`", text)):
            if (words := line.split()) and words[:2] == ["docker", "compose"] and len(words) > 2:
                yield page.name, shlex.split(line)[2:]


def test_the_pages_call_services_and_commands_that_there_are():
    found = list(written())
    assert len(found) > 15
    for page, (verb, *rest) in found:
        words = [word for word in rest if not word.startswith("-")]
        if verb in TAKES_A_COMMAND:
            service, *command = words
            assert service in SERVICES, (page, rest)
            assert not command or is_known(command), (page, command)
        elif verb == "cp":
            assert words[0].partition(":")[0] in SERVICES, (page, rest)
        else:
            assert verb in TAKES_SERVICES, (page, verb)
            assert set(words) <= set(SERVICES), (page, rest)


def is_known(command: list[str]) -> bool:
    if command[0] == "sh":
        return "python manage.py backup" in command[1]
    return command[0] in ("mv", "find", "psql", "dropdb") or (
        command[:2] == ["python", "manage.py"] and command[2] in get_commands()
    )


def test_the_units_start_what_there_is():
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    started = re.findall(r"(?m)^ExecStart(?:Pre)?=/srv/daily-vibe/\.venv/bin/python (.*)$", page)
    verbs = {words.split()[1] for words in started if words.startswith("manage.py")}
    assert verbs == {"migrate_once", "runworker", "runbot"} <= set(get_commands())
    assert "-m gunicorn vibe.wsgi --workers 2" in started


def test_a_backup_before_an_upgrade_has_a_new_name_each_time():
    (line,) = [words[-1] for _page, words in written() if "before-upgrade" in words[-1]]
    assert "$(date +%F-%H%M)" in line


def test_backups_are_deleted_in_time(tmp_path):
    """The page's own line, on files of all ages."""
    (line,) = [words for _page, words in written() if "find" in words]
    for age in range(8):
        file = tmp_path / f"{age}.jsonl.gz"
        file.touch()
        os.utime(file, (file.stat().st_mtime - age * 86_400 - 60,) * 2)
    command = [str(tmp_path) if word == "/data/backups" else word for word in line[line.index("find") :]]
    subprocess.run(["/usr/bin/env", *command], check=True)
    assert sorted(path.name[0] for path in tmp_path.iterdir()) == ["0", "1", "2", "3"]
