"""Django set up on import, for the one process of which all children of the harness are forked.

multiprocessing imports it by name (`set_forkserver_preload`), which is why it works at import: a child that had to
import Django itself would cost a second of both cores, and a soak restarts hundreds of them.
"""

from __future__ import annotations

import django

django.setup()

# They need Django, and bring all of the job with them: every child runs the same code, whatever is edited meanwhile.
from playlists.tests.chaos import acts as acts  # noqa: E402
from playlists.tests.chaos import launcher as launcher  # noqa: E402
