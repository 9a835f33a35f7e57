"""The worker as real processes: whichever is killed, the next task is done and nobody is left behind."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

from playlists.tests.pretend_tasks import note, noted
from playlists.tests.worker_process import WorkerProcess, environment_of_the_test_database
from vibe.clients.models import Heartbeat

IMPATIENT = (str(Path(__file__).with_name("impatient.py")),)
logger = logging.getLogger(__name__)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="the processes are found in /proc"),
]


@pytest.fixture(autouse=True)
def nothing_is_due() -> None:
    Schedule.objects.all().delete()


def pretend(task: str, *arguments: object, queue: str = "night", **options: object) -> None:
    async_task(f"playlists.tests.pretend_tasks.{task}", *arguments, cluster=queue, **options)


# --- Those with a worker of their own; they come first, for the other tests share one that lives on.


def test_asked_to_stop_it_ends_what_is_in_hand_and_the_next_start_does_the_rest():
    names = [str(number) for number in range(12)]
    with WorkerProcess(environment_of_the_test_database()) as worker:
        worker.wait_until_complete()
        for name in names:
            pretend("rest", name, 0.5)
        worker.wait(lambda: any(noted(f"{name} begun") for name in names))
        # As a service manager may: to every process at once.
        for member in worker.processes():
            os.kill(member.pid, signal.SIGTERM)
        assert worker.process.wait(30) == 0, worker.log
        assert not worker.processes()
    begun = [name for name in names if noted(f"{name} begun")]
    assert 2 <= len(begun) < len(names)
    assert all(noted(f"{name} done") for name in begun)
    with WorkerProcess(environment_of_the_test_database()) as worker:
        worker.wait(lambda: all(noted(f"{name} done") for name in names))
        worker.wait(lambda: not OrmQ.objects.exists())


@pytest.mark.parametrize("signals", [1, 2], ids=["after the grace period", "at a second signal"])
def test_a_task_that_lasts_too_long_does_not_keep_it_from_stopping(signals):
    pretend("rest", "long", 300)
    with WorkerProcess(environment_of_the_test_database(), "--grace", "1" if signals == 1 else "200") as worker:
        worker.wait(lambda: noted("long begun"))
        worker.process.terminate()
        worker.wait(lambda: "stopping" in worker.log)
        if signals == 2:
            worker.process.terminate()
        assert worker.process.wait(30) == 1
        assert not worker.processes()


def test_nobody_outlives_a_supervisor_that_is_killed():
    with WorkerProcess(environment_of_the_test_database()) as worker:
        worker.wait_until_complete()
        worker.process.kill()
        worker.process.wait()
        worker.wait(lambda: not worker.processes(), seconds=5)


def test_a_sentinel_that_goes_round_no_more_is_noticed():
    with WorkerProcess(environment_of_the_test_database(), program=IMPATIENT) as worker:
        worker.wait_until_complete()
        old = worker.kill("night", "sentinel", signal.SIGSTOP)
        worker.wait(lambda: "sentinel hangs" in worker.log)
        assert not worker.alive(old)


# --- Those that share one


@pytest.fixture(scope="module")
def running(django_db_setup: None) -> Iterator[WorkerProcess]:
    # Recovered at once, or the pauses before the restarts would double from kill to kill.
    with WorkerProcess(environment_of_the_test_database(), "--settled", "0") as worker:
        yield worker


@pytest.fixture
def worker(running: WorkerProcess) -> WorkerProcess:
    running.wait_until_complete()
    return running


@pytest.mark.parametrize(
    ("queue", "role"),
    [("night", "worker"), ("manual", "sentinel"), ("night", "main")],  # all of them: `chaos group`, in CI
)
def test_whichever_process_is_killed_the_next_tasks_are_done_and_acknowledged_by_a_new_group(worker, queue, role):
    killed_at = timezone.now()
    old = worker.kill(queue, role)
    for name in worker.counts:
        async_task("playlists.tasks.run", 0, cluster=name)
    worker.wait(lambda: not OrmQ.objects.exists())
    seconds = (timezone.now() - killed_at).total_seconds()
    logger.info("%s of %s killed: the next tasks were acknowledged after %.1f s", role, queue, seconds)
    assert not worker.alive(old)
    beats = Heartbeat.objects.filter(name__contains=f":{worker.process.pid}/", at__gt=killed_at)
    assert {beat.name.rpartition("/")[2] for beat in beats} == {"manual", "night"}


def test_what_the_dead_had_in_hand_is_done_by_the_next(worker):
    for _ in range(2):
        pretend("wait_for", "nothing")
    for _ in range(2):
        async_task("playlists.tasks.run", 0, cluster="night")
    worker.wait(lambda: OrmQ.objects.filter(lock__gt=timezone.now()).count() == 4)
    worker.kill("night", "monitor")
    worker.wait(lambda: not OrmQ.objects.exists())
    assert "2 runs in hand are given back" in worker.log


@pytest.mark.parametrize(("task", "said"), [("die", "worker died"), ("burst", "token=***")])
def test_a_task_that_kills_its_worker_takes_the_group_along_and_the_others_are_done_by_the_next(worker, task, said):
    old = [member.pid for member in worker.processes() if member.queue]
    pretend(task)
    worker.wait(lambda: not worker.alive(old))
    pretend("note", "another")
    worker.wait(lambda: noted("another"))
    assert said in worker.log
    assert "abcdefghijklmnop" not in worker.log


def test_a_task_beyond_its_time_is_a_death_too(worker):
    old = [member.pid for member in worker.processes() if member.queue]
    pretend("rest", "long", 30, timeout=1)
    worker.wait(lambda: not worker.alive(old))
    worker.wait(lambda: "task too long" in worker.log)
    assert not noted("long done")


def test_what_a_person_asks_for_does_not_wait_behind_the_night(worker):
    for _ in range(4):
        pretend("wait_for", "the end")
    worker.wait(lambda: noted("waiting for the end"))
    pretend("note", "asked for", queue="manual")
    worker.wait(lambda: noted("asked for"))
    assert not noted("waited for the end")
    note("the end")
    worker.wait(lambda: not OrmQ.objects.exists())


def test_a_task_leaves_a_sign_of_life_for_its_group_and_queue(worker):
    async_task("playlists.tasks.run", 0, cluster="night")
    worker.wait(lambda: Heartbeat.objects.filter(name__endswith=f":{worker.process.pid}/night").exists())


# --- Those without


@pytest.mark.parametrize("option", ["--workers=0", "--manual-workers=two", "--grace=-1", "--settled=inf"])
def test_wrong_numbers_are_refused(option):
    with pytest.raises(CommandError):
        call_command("runworker", option)
