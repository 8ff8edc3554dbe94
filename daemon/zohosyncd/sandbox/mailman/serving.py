"""How `zohosyncd sandbox` serves a Mailman core with one list."""

from typing import Any

from zohosyncd.sandbox.parts.serving import Account, Serving
from zohosyncd.sandbox.wire import Clock

from .app import LOGIN, MailmanApp

_ACCOUNT = """\
# The Mailman core of the sandbox. A real one listens on 127.0.0.1:8001 of its own machine.
app = "mailman"
url = "{base_url}/"
allow_http = true                  # only for this machine
password = "file:{{folder}}/secrets/mailman-password"
"""


def make(clock: Clock, seed: int, base_url: str) -> MailmanApp:
    """The core."""
    return MailmanApp(clock, seed, base_url=base_url)


def account(app: Any, base_url: str) -> Account:
    """The account of its REST API."""
    address = next(each.address for each in app.lists.values())
    return Account("list", _ACCOUNT.format(base_url=base_url), {"mailman-password": LOGIN[1]}, object=address)


SERVING = Serving("mailman", make, account)
