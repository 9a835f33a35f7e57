"""What the bot answers: a module a subject. Those imported here are those there are."""

from __future__ import annotations

from botapp.handlers import account as account
from botapp.handlers import connect as connect
from botapp.handlers import operator as operator
from botapp.handlers import paste as paste
from botapp.handlers import playlist as playlist
from botapp.handlers import schedule as schedule
from botapp.handlers import settings as settings
from botapp.handlers import start as start
from botapp.handlers import status as status
from botapp.handlers import taste as taste
from botapp.handlers import why as why
