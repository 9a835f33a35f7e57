"""Read by gunicorn from the folder it is started in."""

from __future__ import annotations

# Of each worker: who waits for somebody else (Spotify, Telegram, a plan) must not keep the others out.
threads = 8
# Seconds without a sign of life of a worker, which is then replaced.
timeout = 60
# It would be a file in the home folder, which a container cannot write to, and nobody uses it.
control_socket_disable = True
