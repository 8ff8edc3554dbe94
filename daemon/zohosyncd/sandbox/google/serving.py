"""Google Contacts among the apps that are served: two mailboxes, the account of one of them."""

from zohosyncd.sandbox.parts.serving import Account, Serving

from .app import CLIENT_ID, CLIENT_SECRET, GoogleApp
from .behaviour import GoogleBehaviour

_USER = "ann@example.org"
_ACCOUNT = """\
# A mailbox of the sandbox. For a real one leave out api_url, accounts_url and refresh_token, and give the consent with
# `zohosyncd auth google`.
app = "google_contacts"
api_url = "{base_url}/google"
accounts_url = "{base_url}/google"
allow_http = true                  # only for this machine

client_id = "{client_id}"
client_secret = "file:{folder}/secrets/google-client-secret"
refresh_token = "file:{folder}/secrets/google-refresh-token"

# How long Google may need until somebody shows in its lists. The sandbox is quick; for a real one keep the defaults.
settle = "20s"
lag = "10s"
"""


def _account(app: GoogleApp, base_url: str) -> Account:
    secrets = {"google-client-secret": CLIENT_SECRET, "google-refresh-token": app.refresh_tokens[_USER]}
    text = _ACCOUNT.replace("{base_url}", base_url).replace("{client_id}", CLIENT_ID)
    return Account("google", text, secrets)


SERVING = Serving(
    GoogleApp.name,
    lambda clock, seed, base_url: GoogleApp(clock, seed, behaviour=GoogleBehaviour(sync_delay=5.0), base_url=base_url),
    _account,
)
