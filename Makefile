# Everything a person runs. All paths are relative, so the checkout may live in a path with spaces.
PYTHON ?= python3
# Tests start hundreds of processes, and each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
PY := .venv/bin/python

.PHONY: help setup demo run test test-postgres walk looks lint format bench faults chaos chaos-short messages audit clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name what; do printf '  make %-13s %s\n' "$$name" "$$what"; done

.venv/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name it with PYTHON=...")'
	@$(PY) -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.development: requirements-dev.txt .venv/.runtime
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

demo: .venv/.runtime ## a playlist for a pretend listener, with no account anywhere
	@$(PY) manage.py demo

run: .venv/.runtime ## web, bot and worker together; with pretend services where .env names no account
	@$(PY) -m vibe.first_run >/dev/null
	@$(PY) manage.py run

setup: .venv/.development ## everything, development tools too; secrets once into .env; the database
	$(PY) -m vibe.first_run
	$(PY) manage.py migrate --verbosity 0

test: .venv/.development ## the whole suite
	$(PY) -m pytest -n 3 --dist worksteal

test-postgres: .venv/.development ## the whole suite on PostgreSQL (TEST_DATABASE_URL, or one it finds or starts)
	url="$$(bash .ci/postgres)" && DATABASE_URL="$$url" $(PY) -m pytest -n 3 --dist worksteal

walk: .venv/.development ## a newcomer's way from /start to the playlist in a real browser; screenshots in var/walk
	bash .ci/chromium
	$(PY) -m pytest -n 0 vibe/tests/walk.py

looks: .venv/.development ## every page in a real browser: accessibility, console, width; screenshots in var/looks
	bash .ci/chromium
	$(PY) -m pytest -n 0 vibe/tests/looks.py vibe/tests/admin_looks.py playlists/tests/whatif_looks.py

lint: .venv/.development ## style, types, import rules, migrations, deployment checks
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	.venv/bin/hadolint Dockerfile
	ENV_FILE=.ci/production.env $(PY) manage.py makemigrations --check --dry-run
	ENV_FILE=.ci/production.env $(PY) manage.py check --deploy --fail-level WARNING

format: .venv/.development ## format and mend what can be mended
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

messages: .venv/.development ## collect translatable text and compile it (needs GNU gettext)
	$(PY) manage.py makemessages --locale ru --locale en --ignore .venv --no-wrap --add-location file --no-obsolete
	$(PY) manage.py compilemessages --ignore .venv

audit: ## known weaknesses in what is pinned; asks pypi.org, and fails where not everything could be asked
	@test -x .venv-audit/bin/pip-audit || $(PYTHON) -m venv --clear .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	.venv-audit/bin/python -m vibe.audit requirements.txt

bench: .venv/.development ## the figures of docs/performance.md, docs/bot.md, docs/security.md
	$(PY) -m vibe.tests.bench
	$(PY) -m botapp.tests.bench
	$(PY) -m vibe.tests.attacks.timing

faults: .venv/.development ## fire every fault during a run; the tables of docs/faults.md
	$(PY) -m playlists.tests.fault_table

chaos: .venv/.development ## kill, stop and starve it on both databases; the figures of docs/reliability.md (hours)
	$(PY) -m playlists.tests.chaos

chaos-short: .venv/.development ## the same in less than four minutes
	$(PY) -m playlists.tests.chaos --short

clean: ## everything that can be made again
	rm -rf .venv .venv-audit var staticfiles .mypy_cache .pytest_cache .ruff_cache .hypothesis
