"""Logins at HubSpot: a private app's token or a consent; HubSpot tells of no consent who has given it."""

from typing import Any

from zohosyncd.connectors.hubspot import SPEC
from zohosyncd.connectors.hubspot.options import HubSpotOptions


def options(**keys: Any) -> HubSpotOptions:
    return HubSpotOptions.model_validate(keys)


def test_whose_login_it_is_cannot_be_said_because_hubspot_does_not_tell() -> None:
    assert "login" not in HubSpotOptions.model_fields
    assert SPEC.oauth is not None
    app = SPEC.oauth(options(client_id="c", client_secret="env:S"), ())
    assert app is not None
    assert (app.client_id, app.login) == ("c", "")
