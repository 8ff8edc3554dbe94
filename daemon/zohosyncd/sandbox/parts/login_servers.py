"""The login servers of vendors, as data. The only module of this room that knows any."""

from .oauth_habits import Habits

GOOGLE = Habits(
    authorize="/o/oauth2/v2/auth",
    token="/token",  # noqa: S106
    revoke="/revoke",
    device="/device/code",
    verify="/device",
    offline="access_type",
    consent_once=True,
    revokes_all=True,
    pkce="optional",
    any_port=True,
    audience="https://oauth2.googleapis.com/token",
    prefix="ya29.",
    verification="verification_url",
    statuses={"invalid_client": 401, "authorization_pending": 428, "slow_down": 403, "access_denied": 403,
              "unauthorized_client": 401},
)  # fmt: skip
"""accounts.google.com and oauth2.googleapis.com."""

MICROSOFT = Habits(
    authorize="/{tenant}/oauth2/v2.0/authorize",
    token="/{tenant}/oauth2/v2.0/token",  # noqa: S106
    revoke="",
    device="/{tenant}/oauth2/v2.0/devicecode",
    verify="/devicelogin",
    life=3_599,
    refresh_life=90 * 86_400,
    rotates=True,
    overlap=float(86_400),
    reuse_revokes=False,
    offline="scope",
    any_port=True,
    public_devices=True,
    machine_scope="/.default",
    prefix="eyJ0.",
    words={"access_denied": "authorization_declined"},
    statuses={"invalid_client": 401},
)
"""login.microsoftonline.com: tokens that were replaced stay good for a while; a client may be public."""
