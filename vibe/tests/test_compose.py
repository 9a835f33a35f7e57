"""compose.yaml: what every service is held to, and that its settings are ones the service accepts."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
import yaml

from vibe.tests.image import instructions
from vibe.tests.sandbox_process import ROOT

TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
OURS = ("web", "worker", "bot")
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
