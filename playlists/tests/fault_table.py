"""`make faults`: fires every fault during a run of its own and prints the tables of docs/faults.md."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from playlists.tests.faults import ENDS, SURVIVED
from vibe.tests.sandbox_process import Sandbox, small_world
from vibe.tests.scratch import link, scratch


def fire(sandbox: Sandbox, number: int, fault: dict[str, Any]) -> str:
    from django.utils import translation

    from playlists.generate import generate

    forget_everything()
    user = link(sandbox, f"listener{number}")
    expires = timedelta(seconds=-1) if fault["kind"].startswith(("refresh", "invalid")) else timedelta(hours=1)
    user.spotify_accounts.update(expires_at=datetime.now(UTC) + expires)
    before = len(sandbox.state()["playlists"])
    sandbox.fault(**fault)
    run = generate(user, trigger="shell", clock=lambda: datetime.now(UTC), size=5)
    sandbox.clear_faults()
    kept = [one for one in sandbox.state()["playlists"][before:] if one["followed"]]
    left = ", ".join(f"one playlist of {len(one['tracks'])}" for one in kept) or "nothing"
    with translation.override("en"):
        said = run.notes or "; ".join(trouble(run.report)) or "-"
    said = re.sub(r"(until|at) [A-Z][a-z]+\b.*? \(UTC\)", r"\1 (date and hour)", said)
    return f"| {named(fault)} | {run.status} {run.error_code} | {said} | {left} |"


def trouble(report: dict[str, Any]) -> Iterator[str]:
    for source in report["sources"]:
        for code, count in source["errors"].items():
            if code != "gone":
                yield f"{source['source']}: {code} x{count}"


def named(fault: dict[str, Any]) -> str:
    details = {name: value for name, value in fault.items() if name not in ("kind", "times", "service")}
    often = "always" if fault.get("times", 1) is None else "once"
    return f"`{fault['kind']}` {' '.join(f'{value}' for value in details.values())} {often}".replace("|", "/")


def forget_everything() -> None:
    """Caches and blocks, so that each fault meets a run that asks for everything."""
    from recommendations.models import ResolvedTrack, SourceCache
    from vibe.clients.models import ServiceState

    for model in (ResolvedTrack, SourceCache, ServiceState):
        model.objects.all().delete()


def main() -> None:
    with scratch(), Sandbox(small_world()) as sandbox:
        consent = ({"kind": "invalid_grant", "reason": "revoked"}, "needs_link", "needs_reconnect")
        faults = [{"times": None, **fault} for fault, _status, _code in [*ENDS, consent]] + SURVIVED
        sys.stdout.write(
            "| fault | run row | what the listener or the report says | left at Spotify |\n|---|---|---|---|\n"
        )
        for number, fault in enumerate(faults):
            sys.stdout.write(fire(sandbox, number, fault) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
