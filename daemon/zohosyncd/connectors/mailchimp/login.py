"""An API key: its last part names the data centre that the account lives in (vendor: fundamentals)."""

import re
from collections.abc import Mapping
from typing import Final

from zohosyncd.core.errors import AuthLost
from zohosyncd.transport.auth import Auth, BasicAuth

_CENTER: Final = re.compile(r".*-([a-z]{2,5}\d{1,4})", re.ASCII)
_NOWHERE: Final = "https://api.mailchimp.com"


class Malformed:
    """A key that names no data centre: nothing can be asked with it."""

    async def headers(self) -> Mapping[str, str]:
        """Never. Raises AuthLost."""
        hint = "copy the whole key: it ends with a hyphen and the data centre, such as -us21"
        raise AuthLost("the API key names no data centre", hint=hint)

    async def renewed(self, refused: Mapping[str, str]) -> bool:  # noqa: ARG002
        """A key does not renew itself."""
        return False


def login_of(key: str, url: str | None) -> tuple[Auth, str]:
    """The login of a key, and the address of the API.

    Args:
        key: the API key. url: the configured address, None for that of the key's data centre.
    """
    key = key.strip()
    login = BasicAuth("zohosyncd", key)
    if url is not None:
        return login, url.rstrip("/")
    found = _CENTER.fullmatch(key)
    return (login, f"https://{found[1]}.api.mailchimp.com") if found else (Malformed(), _NOWHERE)
