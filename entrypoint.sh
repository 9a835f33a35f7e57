#!/bin/sh
# The image's: secrets and tables first, then the command in our place, so that the signals reach it.
set -eu
umask 077
python -m vibe.first_run "$ENV_FILE"
python manage.py migrate_once
exec "$@"
