from __future__ import annotations

import logging


class ScrubbingFormatter(logging.Formatter):
    pass
