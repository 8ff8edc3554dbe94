"""The texts of a configuration to begin with: the service, two accounts, and the connection between them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from zohosyncd.settings.accounts import AccountOptions, AppSpec
from zohosyncd.settings.files import ACCOUNTS, CONNECTIONS, SERVICE_FILE
from zohosyncd.settings.keys import keys_of
from zohosyncd.settings.reference import annotated
from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.service import Service
from zohosyncd.settings.toml_text import text_of
from zohosyncd.settings.values import Instead

STATE_KEY: Final = "secrets/state-key"
"""The file of the state key, in the folder of the configuration."""

_SERVICE: Final = """\
# The service itself. A key that begins with # is not in force: it shows an
# example.

[service]
"""

_ACCOUNT: Final = """\
# One login to {title}. The file's name is the account's name. A key that begins with # is not in force: it shows an
# example.

# The app.
app = {app}

"""

_CONNECTION: Final = """\
# Keeps two objects the same. `zohosyncd config --reference` has everything that can be said here, and README.md what it
# means. A key that begins with # is not in force. A side is named left, right, or by its account.

left = {{ account = {left} }}                # object = "NAME" for another object than the first
right = {{ account = {right} }}

# Which way changes travel: both, left_to_right or right_to_left. Opt-outs and deletions have directions of their own.
direction = {direction}

# The first sync shows in `zohosyncd status` and `zohosyncd plan {name}` what it would do, and waits for
# `zohosyncd approve {name}`; "auto" starts at once.
first_sync = "approve"

# The country whose phone numbers stand there without +; needed where neither app tells its own.
{region}

# How often both sides are asked for changes: ms, s, m, h, d.
#every = "60s"

# By what two records are the same person; the first one that says anything decides. Several candidates are held.
#match = ["email", "phone+family_name"]

# Whether somebody is created on the other side who has neither e-mail address nor phone number.
#create_without_email = false

# Both sides changed the same field to different values: newest (where both apps tell
# times of change), left, right, union or hold.
#winner = "hold"
#first_sync_winner = "left"

# Who is synced, and what is done on the other side. Without rules: everybody, both ways.
#[[rules]]
#from = "left"
#if = [ {{ field = "Lead_Source", is = "Web" }} ]

# Pairs of fields beside the default mapping; `zohosyncd fields ACCOUNT` lists their names.
#[[fields]]
#left = "Customer_Number"
#right = "X-CUSTOMER-NUMBER"
#direction = "left_to_right"

# Pairs of the default mapping to leave out; `zohosyncd mapping {name}` lists them.
[mapping]
without = []

# What a deletion does on the other side, in each direction: off, tag or delete.
[deletions]
left_to_right = "off"
right_to_left = "off"

# A run that would do more, with the last 24 hours, waits for approval. The larger of the two counts.
[guard]
deletes = {{ more_than = 10, percent = 2 }}
"""


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """An account to begin with: its name, its app with the title for people, and the values that are known."""

    name: str
    spec: AppSpec
    title: str
    values: Mapping[str, Any]

    def stored(self) -> dict[str, str]:
        """The required secrets of the app that no value names, by key: where they will be kept."""
        missing = [key for key in needed_secrets(self.spec.options, self.values) if key not in self.values]
        return {key: self.name if len(missing) == 1 else f"{self.name}-{key}".replace("_", "-") for key in missing}

    def complete(self) -> dict[str, Any]:
        """The values, with the references to the secrets that will be stored."""
        return {**{key: f"store:{name}" for key, name in self.stored().items()}, **self.values}


@dataclass(frozen=True, slots=True)
class FirstConnection:
    """A connection to begin with. ``region``: country of phone numbers, "" for none."""

    name: str
    direction: str
    region: str


def needed(options: type[AccountOptions], said: Collection[str] = ()) -> tuple[str, ...]:
    """The keys that an account of an app needs and that are no secrets; ``said``: those that it has."""
    secret = needed_secrets(options, said)
    return tuple(key for key in _begun_with(options, said) if key not in secret)


def needed_secrets(options: type[AccountOptions], said: Collection[str] = ()) -> tuple[str, ...]:
    """The keys that an account of an app needs and that name a secret; ``said``: those that it has."""
    keys = keys_of(options)
    return tuple(key for key in _begun_with(options, said) if keys[key].annotation in {SecretRef, SecretRef | None})


def _begun_with(options: type[AccountOptions], said: Collection[str]) -> tuple[str, ...]:
    """What has to be there, without what something else stands instead of."""
    keys = keys_of(options)
    notes = [note for key in said if key in keys for note in keys[key].metadata if isinstance(note, Instead)]
    replaced = {key for note in notes for key in note.keys} - set(said)
    first = {*options.first_keys, *(key for note in notes for key in note.along)}
    return tuple(key for key, field in keys.items() if key not in replaced and (field.is_required() or key in first))


def first_files(
    left: FirstAccount, right: FirstAccount, connection: FirstConnection, *, systemd: bool
) -> dict[str, str]:
    """The files to begin with, by their path in the folder.

    Args:
        left, right, connection: what they hold.
        systemd: whether they are for the shipped unit, which hands over the state key and makes the folders of state
            and socket; else all of it stays in the folder.
    """
    service = {"state_key": "credential:state-key"} if systemd else _ALL_IN_ONE_FOLDER
    region = f"phone_region = {text_of(connection.region)}" if connection.region else '#phone_region = "DE"'
    words = {
        "name": connection.name,
        "left": text_of(left.name),
        "right": text_of(right.name),
        "direction": text_of(connection.direction),
        "region": region,
    }
    return {
        SERVICE_FILE: _SERVICE + "\n" + annotated(Service, service),
        **{f"{ACCOUNTS}/{each.name}.toml": _account(each) for each in (left, right)},
        f"{CONNECTIONS}/{connection.name}.toml": _CONNECTION.format(**words),
    }


_ALL_IN_ONE_FOLDER: Final = {
    "state": "state.db",
    "state_key": f"file:{STATE_KEY}",
    "control": "control.sock",
    "log_format": "console",
}


def _account(account: FirstAccount) -> str:
    head = _ACCOUNT.format(title=account.title, app=text_of(account.spec.name))
    return head + annotated(account.spec.options, account.complete())
