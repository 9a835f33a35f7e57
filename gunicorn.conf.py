"""Read by gunicorn from the folder it is started in."""

from __future__ import annotations

# Seconds. A webhook's answers are said while its response closes, each within half a minute (vibe/clients/http.py).
timeout = 60
