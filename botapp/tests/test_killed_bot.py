"""kill -9 of the bot at random moments: every command answered, none done twice, none lost."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections import Counter

import pytest

from accounts.models import Outbox, User
from botapp.models import HandledUpdate
from botapp.tests.bot_process import answers, environment
from botapp.tests.mortal_bot import Death
from vibe.tests.sandbox_process import ROOT, Sandbox, small_world

CHATS, COMMANDS = 20, 200
SEED = 20261123
KILLED = -9


@pytest.mark.django_db(transaction=True)
def test_a_bot_that_is_killed_again_and_again_does_everything_once_and_answers_all():
    chance = random.Random(SEED)
    deaths: list[Death] = [{"at": point} for point in range(1, 6)]  # each of the points once
    deaths += [{"at": chance.randrange(6, 60)} for _ in range(5)]
    deaths += [{"after": round(chance.uniform(0.0, 0.3), 3)} for _ in range(5)]
    # Not too late, or there is nothing left to do for those who poll: they would wait, and not die.
    deaths += [{"at": 33, "polls": True}, {"at": 120, "polls": True}]
    chance.shuffle(deaths)
    with Sandbox(world=small_world()) as sandbox:
        chats = [1000 + number % CHATS for number in range(COMMANDS)]
        chance.shuffle(chats)
        updates = {sandbox.say(chat, "/count")["update_id"]: chat for chat in chats}
        codes = lives(sandbox, deaths)
        assert codes.count(KILLED) >= len(deaths) * 2 / 3, codes
        assert all(code == KILLED for code, death in zip(codes, deaths, strict=True) if "polls" in death)
        # A sender that was killed keeps its message for a minute, in which it might still be on its way.
        Outbox.objects.filter(status=Outbox.Status.SENDING).update(lease_until="2026-01-01T00:00Z")
        assert lives(sandbox, [{}]) == [0]
        said = {chat: [answered(row) for row in answers(sandbox, chat)] for chat in set(chats)}
    assert dict(User.objects.values_list("telegram_chat_id", "playlist_size")) == Counter(chats)
    assert set(HandledUpdate.objects.values_list("pk", flat=True)) == set(updates)
    assert all(update in said[chat] for update, chat in updates.items())
    # Twice only what was being said when it was killed.
    assert sum(map(len, said.values())) <= COMMANDS + codes.count(KILLED)


def lives(sandbox: Sandbox, deaths: list[Death]) -> list[int]:
    """Of one bot after the other, each to the end of what waits or to its death: the exit codes."""
    done = subprocess.run(
        [sys.executable, "-m", "botapp.tests.mortal_bot", json.dumps(deaths)],
        cwd=ROOT,
        env=environment(sandbox, LOG_LEVEL="ERROR"),
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    codes: list[int] = json.loads(done.stdout.splitlines()[-1])
    return codes


def answered(row: dict) -> int:
    """The number of the update, which the answer names."""
    return int(re.findall(r"\d+", row["text"])[-1])
