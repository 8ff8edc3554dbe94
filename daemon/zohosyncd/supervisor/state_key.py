"""The key that encrypts the state."""

import base64
import binascii

from zohosyncd.core.errors import StateError
from zohosyncd.settings import SecretSources, Settings, resolve


def state_key(settings: Settings) -> bytes:
    """The 32 bytes that encrypt the state. Raises StateError or SecretError with the cure."""
    text = resolve(settings.service.state_key, SecretSources(settings.folder)).reveal().strip()
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise StateError(
            "the state key is not 32 bytes in base64",
            hint="a state opens only with the key that it was made with; for a new state: openssl rand -base64 32",
        )
    return key
