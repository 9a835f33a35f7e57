"""The bot's figures, against the sandbox without latency and on a scratch SQLite file: python -m botapp.tests.bench"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from vibe.tests.sandbox_process import ROOT, Sandbox, small_world
from vibe.tests.scratch import scratch

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw9"
COMMANDS = ("/status", "/help", "/nothing", "/latest", "/taste")
SAMPLES, CHATS, EACH = 200, 200, 3
PATIENCE = 120.0  # seconds


@contextmanager
def bot(sandbox: Sandbox, gap: int, ends: list[float]) -> Iterator[None]:
    """`ends` gets the seconds from SIGTERM, in an open poll, to the end of the process."""
    about = {"TELEGRAM_BOT_TOKEN": TOKEN, "BOT_OPEN": "1", "TELEGRAM_CALL_GAP_MS": str(gap)}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "runbot"], cwd=ROOT, env=os.environ | sandbox.environment | about
    )
    try:
        until(lambda: any(call["method"] == "getUpdates" for call in sandbox.telegram_calls()))
        yield
    finally:
        begun = time.monotonic()
        process.terminate()
        process.wait()
        ends.append(time.monotonic() - begun)


def until(look: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > end:
            sys.exit("nothing came")
        time.sleep(0.005)


def sends(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [call for call in sandbox.telegram_calls() if call["method"] == "sendMessage"]


def reply_times(sandbox: Sandbox) -> list[float]:
    """Milliseconds from an update to the first sendMessage, one command after another with a pause of a tenth."""
    found = []
    for number in range(SAMPLES):
        sandbox.telegram_calls(clear=True)
        begun = time.time()
        sandbox.say(100 + number % 20, COMMANDS[number % len(COMMANDS)])  # nobody so often that it is a flood
        until(lambda: sends(sandbox))
        found.append(1000 * (moment(sends(sandbox)[0]) - begun))
        time.sleep(0.1)
    return found


def moment(call: dict[str, Any]) -> float:
    at = call["at"]
    return datetime.fromisoformat(at).timestamp() if isinstance(at, str) else float(at)


def crowd(sandbox: Sandbox) -> tuple[float, int, bool]:
    """Seconds until all are answered, the most messages in any second, and whether each chat's order was kept."""
    begun = time.time()
    for number in range(EACH):
        for chat in range(CHATS):
            sandbox.say(1000 + chat, f"/nothing{number}")
    until(lambda: len(sends(sandbox)) >= CHATS * EACH)
    starts = sorted(moment(call) for call in sends(sandbox))
    most = max(sum(start <= other < start + 1 for other in starts) for start in starts)
    return starts[-1] - begun, most, all(in_order(sandbox, 1000 + chat) for chat in range(CHATS))


def in_order(sandbox: Sandbox, chat: int) -> bool:
    from accounts.models import Outbox

    rows = Outbox.objects.filter(chat_id=chat).order_by("message_id").values_list("key", flat=True)
    numbers = [int(key.split(":")[1]) for key in rows]
    return len(numbers) == EACH and numbers == sorted(numbers)


def at(share: float, values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(share * len(values)))]


def figures() -> Iterator[str]:
    ends: list[float] = []
    for gap in (0, 50):
        with Sandbox(world=small_world()) as sandbox, bot(sandbox, gap, ends):
            times = reply_times(sandbox)
        yield f"gap {gap} ms, {SAMPLES} commands: reply p50 {at(0.5, times):.0f} ms, p95 {at(0.95, times):.0f} ms"
    with Sandbox(world=small_world()) as sandbox, bot(sandbox, 50, ends):
        seconds, most, kept = crowd(sandbox)
    yield f"{CHATS} chats, {EACH} messages each: all answered after {seconds:.1f} s, order kept: {kept}"
    yield f"at most {most} messages in a second"
    yield f"from SIGTERM to the end, at most {max(ends):.1f} s"


if __name__ == "__main__":
    with scratch():
        for line in figures():
            print(line, flush=True)  # noqa: T201
