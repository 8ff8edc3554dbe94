"""Microsoft 365 among the apps that are served: two mailboxes, the account of one of them."""

from zohosyncd.sandbox.parts.serving import Account, Serving

from .app import CLIENT_ID, CLIENT_SECRET, GraphApp

_ACCOUNT = """\
# A mailbox of the sandbox. For a real one leave out api_url, login_url and refresh_token, and give the consent with
# `zohosyncd auth outlook`.
app = "microsoft365"
api_url = "{base_url}"
login_url = "{base_url}"
allow_http = true                  # only for this machine

client_id = "{client_id}"
client_secret = "file:{folder}/secrets/outlook-client-secret"
refresh_token = "file:{folder}/secrets/outlook-refresh-token"

# How long changes may take to show. The sandbox is quick; for a real mailbox keep the default.
settle = "2s"
"""


def _account(app: GraphApp, base_url: str) -> Account:
    secrets = {"outlook-client-secret": CLIENT_SECRET, "outlook-refresh-token": app.login.granted(CLIENT_ID)}
    text = _ACCOUNT.replace("{base_url}", base_url).replace("{client_id}", CLIENT_ID)
    return Account("outlook", text, secrets)


SERVING = Serving(GraphApp.name, GraphApp, _account)
