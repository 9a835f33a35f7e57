#!/usr/bin/env python
"""Django's command line."""

from __future__ import annotations

import gc
import os
import sys

from django.core.management import execute_from_command_line
from django.db import DatabaseError

from vibe.logs import log_uncaught, scrub

if __name__ == "__main__":
    gc.disable()  # until vibe.apps: no module that is loaded is rubbish, and looking for it takes a fifth of the start
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibe.settings")
    log_uncaught()
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        # Not a fault of the program, so no traceback: no file, no server, no tables yet.
        sys.exit(
            scrub(f"The database can't be used: {error}\nCheck DB_PATH or DATABASE_URL, then run: manage.py migrate")
        )
