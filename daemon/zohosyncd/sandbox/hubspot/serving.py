"""HubSpot among the apps that are served: an account and the token of its private app."""

from zohosyncd.sandbox.parts.serving import Account, Serving

from .app import HubSpotApp

_ACCOUNT = """\
# The HubSpot account of the sandbox. For a real one leave out api_url and allow_http.
app = "hubspot"
api_url = "{base_url}"
allow_http = true                  # only for this machine
access_token = "file:{folder}/secrets/hubspot-token"

# How long HubSpot may need until a write shows in its search. The sandbox is quick; for a real one keep the default.
settle = "20s"
"""


def _account(app: HubSpotApp, base_url: str) -> Account:
    text = _ACCOUNT.replace("{base_url}", base_url)
    return Account("hubspot", text, {"hubspot-token": app.setup.token})


SERVING = Serving(HubSpotApp.name, HubSpotApp, _account)
