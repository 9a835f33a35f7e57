from __future__ import annotations

import json
from datetime import UTC, datetime, time

import pytest
from django.core.management import CommandError, call_command
from django_q.models import OrmQ

from accounts.models import User
from playlists.models import PlaylistRun


@pytest.fixture
def nightly_alice(alice: User) -> User:
    alice.nightly_at = time(3)
    alice.save()
    return alice


def test_everybody_is_left_to_the_workers(nightly_alice, capsys):
    call_command("generate", "--all", "--queue")
    assert capsys.readouterr().out == "1 playlist is queued.\n"
    run = PlaylistRun.objects.get()
    assert (run.user, run.trigger, run.status, run.attempts) == (nightly_alice, "shell", "queued", 0)
    assert run.night == datetime.now(UTC).date()
    assert OrmQ.objects.get().task["args"] == (run.pk,)


def test_who_is_left_out_is_counted_in_a_sentence(nightly_alice, capsys):
    call_command("generate", "--all", "--queue")
    User.objects.create_user("bob")
    User.objects.create_user("cid")
    capsys.readouterr()
    call_command("generate", "--all", "--queue")
    assert capsys.readouterr().out == (
        "0 playlists are queued. Left out: 1 user has had today's run already, 2 users are not connected to Spotify.\n"
    )
    assert PlaylistRun.objects.count() == 1


def test_json_is_one_object_with_the_counts(nightly_alice, capsys):
    User.objects.create_user("bob")
    call_command("generate", "--all", "--queue", "--json")
    assert json.loads(capsys.readouterr().out) == {
        "queued": 1,
        "skipped": {"done": 0, "off": 0, "not_linked": 1, "blocked": 0},
    }


@pytest.mark.parametrize(
    "arguments",
    [["--user", "@alice"], ["--all", "--dry-run"], ["--all", "--force"], ["--all", "--size", "5"],
     ["--all", "--min-new-ratio", "0"], ["--all", "--min-new-ratio", "0.5"]],
)  # fmt: skip
def test_wishes_for_one_run_do_not_go_with_the_queue(nightly_alice, arguments):
    with pytest.raises(CommandError, match="--queue goes with --all") as error:
        call_command("generate", "--queue", *arguments)
    assert error.value.returncode == 2
    assert not PlaylistRun.objects.exists()
