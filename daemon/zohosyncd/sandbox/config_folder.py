"""A configuration folder with which the daemon keeps the sandbox's two sides the same; also an example to read."""

import base64
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from .parts.serving import Account
from .scene.worlds import PASSWORD, USER
from .zoho.crm import ZohoSetup

_SERVICE = """\
# The service itself, for a rehearsal against the sandbox.

[service]
# Metrics, health and status, for this machine only. Port 0 = any free one.
listen = "{listen}"

# State, its key and the control socket stay in this folder: remove the folder and nothing is left.
state = "{folder}/state.db"
state_key = "file:{folder}/secrets/state-key"
control = "{folder}/control.sock"

log_format = "console"
"""

_ZOHO = """\
# The Zoho CRM org of the sandbox. For a real org leave out api_url and accounts_url and say data_center = "eu".
app = "zoho_crm"
api_url = "{base_url}"
accounts_url = "{base_url}"
allow_http = true                  # only for this machine

client_id = "{client_id}"
client_secret = "file:{folder}/secrets/zoho-client-secret"
refresh_token = "file:{folder}/secrets/zoho-refresh-token"

# How long Zoho may need until a write shows in its lists. The sandbox is quick; for a real org keep the default.
settle = "2s"
"""

_CREDITS = """
# The sandbox's org has bought so many, so that a poll every second can be paid for. A real org tells what it has.
credits_per_day = {credits}
"""

_BOOK = """\
# The address book of the sandbox, over CardDAV. The server is asked where the books are; the address is enough.
app = "carddav"
url = "{base_url}/"
allow_http = true                  # only for this machine
username = "{user}"
password = "file:{folder}/secrets/book-password"
"""

_CONNECTION = """\
# Keeps Zoho's Contacts and the address book the same, in both directions.
left = {{ account = "zoho", object = "Contacts" }}
right = {{ account = "book", object = "{book}" }}

first_sync = "auto"                # start at once; "approve" waits for `zohosyncd approve zoho-book`
create_without_email = true
phone_region = "DE"                # the country of numbers without +
every = "2s"
"""


_OTHER = """\
# Keeps Zoho's Contacts and this app the same, in both directions.
left = {{ account = "zoho", object = "Contacts" }}
right = {{ account = "{account}"{object} }}

first_sync = "auto"
phone_region = "DE"
every = "5s"
"""


def write_config(
    folder: Path,
    base_url: str,
    *,
    listen: str = "127.0.0.1:9595",
    setup: ZohoSetup | None = None,
    book: str = "/ann/contacts/",
    others: Sequence[Account] = (),
) -> None:
    """Write zohosyncd.toml, accounts.d, connections.d and the secrets (mode 0600).

    A state key that is already there stays, so that an earlier state can still be read.

    Args:
        folder: made if need be, with mode 0700.
        base_url: where the sandbox is served, such as ``http://127.0.0.1:8099``.
        listen: where the daemon shows metrics and status.
        setup: the Zoho org's set-up, whose credentials are written, and its credits where they are not its edition's.
        book: the path of the address book.
        others: accounts of other apps, each with a connection to Zoho CRM.

    Raises:
        OSError: a file cannot be written.
    """
    setup = setup or ZohoSetup()
    folder = folder.absolute()
    for part in (folder, folder / "secrets", folder / "accounts.d", folder / "connections.d"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    _secret(folder / "secrets/zoho-client-secret", setup.client_secret)
    _secret(folder / "secrets/zoho-refresh-token", setup.refresh_token)
    _secret(folder / "secrets/book-password", PASSWORD)
    if not (folder / "secrets/state-key").exists():
        _secret(folder / "secrets/state-key", base64.b64encode(secrets.token_bytes(32)).decode())
    words = {
        "folder": folder,
        "base_url": base_url,
        "listen": listen,
        "client_id": setup.client_id,
        "user": USER,
        "book": book,
    }
    (folder / "zohosyncd.toml").write_text(_SERVICE.format(**words), encoding="utf-8")
    bought = "" if setup.credits is None else _CREDITS.format(credits=setup.credits)
    (folder / "accounts.d/zoho.toml").write_text(_ZOHO.format(**words) + bought, encoding="utf-8")
    (folder / "accounts.d/book.toml").write_text(_BOOK.format(**words), encoding="utf-8")
    (folder / "connections.d/zoho-book.toml").write_text(_CONNECTION.format(**words), encoding="utf-8")
    for account in others:
        _other(folder, account)


def _other(folder: Path, account: Account) -> None:
    for name, text in account.secrets.items():
        _secret(folder / "secrets" / name, text)
    text = account.text.replace("{folder}", str(folder))
    (folder / f"accounts.d/{account.name}.toml").write_text(text, encoding="utf-8")
    named = f', object = "{account.object}"' if account.object else ""
    connection = _OTHER.format(account=account.name, object=named)
    (folder / f"connections.d/zoho-{account.name}.toml").write_text(connection, encoding="utf-8")


def _secret(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text + "\n")
