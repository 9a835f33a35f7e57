"""manage.py with a worker that gives up a sentinel which does nothing after seconds and not minutes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    os.environ["DJANGO_SETTINGS_MODULE"] = "vibe.settings"
    django.setup()
    from playlists.worker import cluster

    cluster.HANGS = 5
    execute_from_command_line(sys.argv)
