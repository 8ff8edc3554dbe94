"""Mailchimp among the apps that are served: an account with one audience."""

from zohosyncd.sandbox.parts.serving import Account, Serving

from .app import MailchimpApp

_ACCOUNT = """\
# The Mailchimp account of the sandbox. For a real one leave out url and allow_http.
app = "mailchimp"
url = "{base_url}"
allow_http = true                  # only for this machine
api_key = "file:{folder}/secrets/mailchimp-key"
"""


def _account(app: MailchimpApp, base_url: str) -> Account:
    text = _ACCOUNT.replace("{base_url}", base_url)
    return Account("mailchimp", text, {"mailchimp-key": app.setup.api_key}, app.setup.audiences[0])


SERVING = Serving(MailchimpApp.name, MailchimpApp, _account)
