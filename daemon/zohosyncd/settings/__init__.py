"""What an operator says: typed TOML, secrets, and the pure difference between two configurations.

It may import core, and of the libraries pydantic alone. It never imports a connector: :func:`load` is handed the specs
of the apps. No other code reads the configuration's files.

* What can be said: ``service``, ``accounts`` (``clients``: those that log in by OAuth), and ``connections`` with
  ``rules`` (``clauses``, ``comparisons``, ``actions``), ``fields`` (``converters``), ``consent``, ``deletions``,
  ``guard``. ``shapes``: places where one of several tables may stand.
* From files to values: ``toml`` reads, ``presets`` and ``variables`` put together, ``merged`` knows where each value
  stands, ``load`` does it for a folder, ``explain`` says what is wrong.
* About it: ``effective`` (one connection in the end), ``reference``, ``editor_schema``.
"""

from zohosyncd.settings.accounts import AccountOptions, AppSpec
from zohosyncd.settings.clients import OAuthClient, OAuthOptions
from zohosyncd.settings.connections import Connection, Place
from zohosyncd.settings.diff import Difference, SettingsDiff, diff, in_force
from zohosyncd.settings.fields import FieldPair
from zohosyncd.settings.guard import Guard, Limit
from zohosyncd.settings.load import in_order, load
from zohosyncd.settings.loaded import Account, Settings
from zohosyncd.settings.secrets import Secret, SecretError, SecretRef, SecretSources, resolve
from zohosyncd.settings.service import Service
from zohosyncd.settings.values import Duration, Listen, Url, mistake

__all__ = [
    "Account",
    "AccountOptions",
    "AppSpec",
    "Connection",
    "Difference",
    "Duration",
    "FieldPair",
    "Guard",
    "Limit",
    "Listen",
    "OAuthClient",
    "OAuthOptions",
    "Place",
    "Secret",
    "SecretError",
    "SecretRef",
    "SecretSources",
    "Service",
    "Settings",
    "SettingsDiff",
    "Url",
    "diff",
    "in_force",
    "in_order",
    "load",
    "mistake",
    "resolve",
]
