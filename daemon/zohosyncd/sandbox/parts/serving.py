"""What `zohosyncd sandbox` has to know of an app beside Zoho CRM and the address book."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zohosyncd.sandbox.wire import App, Clock


@dataclass(frozen=True, slots=True)
class Account:
    """The account that opens a simulated app.

    Attributes:
        name: the account's name.
        text: its file; ``{folder}`` stands for the folder of the configuration.
        secrets: what is written to files below ``secrets/``, by their names.
        object: what a connection's file says of its object, "" for the default.
    """

    name: str
    text: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    object: str = ""


@dataclass(frozen=True, slots=True)
class Serving:
    """How an app is served: the value ``SERVING`` in a module ``serving`` of its package.

    Attributes:
        name: the app's name.
        make: the app, from the world's time, the seed and the address that clients reach the sandbox under.
        account: its account, from the app and that address.
    """

    name: str
    make: Callable[[Clock, int, str], App]
    account: Callable[[Any, str], Account]
