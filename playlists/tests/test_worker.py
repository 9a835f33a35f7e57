"""What the worker decides by: signs of life, pauses, and who had which of the queue's rows in hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django_q.models import OrmQ
from django_q.tasks import async_task
from hypothesis import given
from hypothesis import strategies as st

from playlists import worker
from playlists.worker import broker
from playlists.worker.supervisor import LONGEST, SHORTEST, Supervisor, next_pause
from vibe.clients.models import Heartbeat

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
ME = "a-host:7"


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("started", "last_beat", "oldest", "answer"),
    [
        (60, 11, 6, True),
        (60, None, 6, True),  # never once
        (60, 9, 6, False),  # a task may last that long
        (60, 11, 4, False),  # nothing was left lying
        (9, 20, 6, False),  # the last beat is an earlier group's
        (9, None, 60, False),  # a backlog from before the start
    ],
)
def test_a_queue_stands_still_where_old_work_lies_and_no_task_begins_or_ends(started, last_beat, oldest, answer):
    beat = None if last_beat is None else ago(last_beat)
    assert worker.stands_still(NOW, ago(started), beat, ago(oldest)) is answer


@given(last=st.floats(0, LONGEST), lived=st.floats(0, 1000))
def test_pauses_double_up_to_the_longest_until_a_group_has_lived(last, lived):
    pause = next_pause(last, lived, settled=60)
    assert SHORTEST <= pause <= LONGEST
    assert pause == SHORTEST if lived >= 60 else pause >= min(2 * last, LONGEST)


def in_queue(queue: str, task: str = broker.RUN, lock: datetime = NOW) -> int:
    async_task(task, 1, cluster=queue)
    row = OrmQ.objects.latest("pk")
    OrmQ.objects.filter(pk=row.pk).update(lock=lock)
    return int(row.pk)


@pytest.mark.django_db
def test_each_queue_is_judged_by_its_own_work_and_its_own_groups_signs_of_life():
    in_queue("night", lock=ago(6))
    in_queue("manual", lock=ago(6))
    Heartbeat.objects.create(name=f"{ME}/manual", at=ago(1))
    Heartbeat.objects.create(name="another:8/night", at=ago(1))
    assert worker.standing_still(ME, ago(60), NOW) == {"night"}


@pytest.mark.django_db
def test_what_somebody_has_in_hand_is_not_left_lying():
    in_queue("night", lock=NOW + timedelta(minutes=20))
    assert worker.standing_still(ME, ago(60), NOW) == set()


@pytest.mark.django_db(transaction=True)
def test_only_who_stands_still_at_two_looks_in_a_row_is_believed_to():
    supervisor = Supervisor({"night": 1, "manual": 1})
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    key = in_queue("night", lock=long_ago)
    assert supervisor.look(long_ago) == set()
    assert supervisor.look(long_ago) == {"night"}
    OrmQ.objects.filter(pk=key).delete()
    assert supervisor.look(long_ago) == set()


@pytest.mark.django_db
def test_a_task_beats_for_its_group_and_queue_and_nothing_does_outside_of_a_worker(monkeypatch):
    worker.beat(NOW)
    assert not Heartbeat.objects.exists()
    monkeypatch.setenv(worker.GROUP, ME)
    monkeypatch.setenv(worker.QUEUE, "night")
    worker.beat(ago(1))
    worker.beat(NOW)
    assert list(Heartbeat.objects.values_list("name", "at")) == [(f"{ME}/night", NOW)]


@pytest.fixture
def broken_database() -> Iterator[None]:
    def refuse(*_arguments: object) -> None:
        raise DatabaseError("it is gone")

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.django_db(transaction=True)
def test_without_a_database_a_task_goes_on_and_so_does_the_supervisor(broken_database, monkeypatch, caplog):
    monkeypatch.setenv(worker.GROUP, ME)
    monkeypatch.setenv(worker.QUEUE, "night")
    worker.beat(NOW)
    supervisor = Supervisor({"night": 1, "manual": 1})
    assert supervisor.look(NOW) == set()
    assert not supervisor.give_back()
    assert caplog.text.count("it is gone") >= 3


@pytest.mark.django_db
def test_runs_that_a_dead_group_had_in_hand_are_ready_again_and_its_other_tasks_forgotten(monkeypatch):
    for name in (ME, "another:8"):
        monkeypatch.setenv(worker.GROUP, name)
        for queue, task in (("night", broker.RUN), ("manual", broker.RUN), ("manual", "playlists.tasks.prune")):
            in_queue(queue, task, lock=broker.Broker().timeout(None))
    assert broker.give_back(ME, datetime.now(UTC)) == 2
    ready = OrmQ.objects.filter(lock__lte=datetime.now(UTC))
    assert sorted((row.key, row.func()) for row in ready) == [("manual", broker.RUN), ("night", broker.RUN)]
    assert OrmQ.objects.filter(lock__gt=datetime.now(UTC)).count() == 3


@pytest.mark.django_db
def test_runs_that_nobody_has_in_hand_are_left_as_they_are():
    in_queue("night", lock=ago(1))
    assert broker.give_back(ME, NOW) == 0
    assert OrmQ.objects.get().lock == ago(1)
