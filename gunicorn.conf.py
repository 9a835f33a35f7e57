"""Read by gunicorn from the folder it is started in."""

from __future__ import annotations

# Seconds. A webhook's answers are said while its response closes, each within half a minute (vibe/clients/http.py).
timeout = 60
# It would be a file in the home folder, which a container cannot write to, and nobody uses it.
control_socket_disable = True
