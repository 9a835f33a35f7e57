"""Web, bot and worker start at the same moment and find the same tables, whichever of them makes them."""

from __future__ import annotations

import pytest

from vibe.tests.databases import KINDS, empty_database, ended, managed, start


@pytest.mark.parametrize("kind", KINDS)
def test_three_that_start_at_once_migrate_once(kind, tmp_path):
    with empty_database(kind, tmp_path) as environment:
        three = [start(["migrate_once"], environment) for _ in range(3)]
        ends = [ended(process) for process in three]
        assert [(code, err) for code, _out, err in ends] == [(0, "")] * 3
        assert "[ ]" not in managed(["showmigrations"], environment)


@pytest.mark.parametrize("kind", KINDS)
def test_a_migration_that_fails_stops_the_start_with_a_sentence(kind, tmp_path):
    with empty_database(kind, tmp_path) as environment:
        managed(["shell", "-c", IN_THE_WAY], environment)
        code, _out, err = ended(start(["migrate_once"], environment))
        assert code == 1
        assert "could not be brought up to date" in err
        assert "accounts_user" in err
        assert "Traceback" not in err


IN_THE_WAY = """
from django.core.management import call_command
from django.db import connection
call_command("migrate", "accounts", "zero", verbosity=0)
connection.cursor().execute("CREATE TABLE accounts_user (id int)")
"""
