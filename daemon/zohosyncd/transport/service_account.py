"""Service accounts: the login is proven by a signature instead of a consent (RFC 7523, signed by RS256: RFC 7515)."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from zohosyncd.core.errors import AuthLost
from zohosyncd.transport.grants import mark_of_parts

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"

_LIFE: Final = 3600
"""Seconds that an assertion may claim to be good for."""

_BACKDATED: Final = 60
"""Seconds by which an assertion is older than it is, against clocks that differ a little."""

_LEAST_BITS: Final = 2048


class KeyFile(msgspec.Struct, frozen=True):
    """What we need of the JSON file that a vendor's console gives for a service account.

    Attributes:
        client_email: the service account. private_key: in PEM. private_key_id: names it, "" where the file does not.
        client_id: by which an administrator delegates rights to it, "" where the file does not say it.
    """

    client_email: str
    private_key: str
    private_key_id: str = ""
    client_id: str = ""

    def __repr__(self) -> str:
        return "KeyFile(...)"


def read_key_file(text: str, *, where: str) -> KeyFile:
    """Read a service account's key file.

    Args:
        text: its JSON. where: names it in errors.

    Raises:
        AuthLost: it is none. Nothing of it is repeated.
    """
    hint = "it is the JSON file that the console gives when a key of the service account is made"
    try:
        found = msgspec.json.decode(text, type=KeyFile)
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise AuthLost(f"{where} is no key file of a service account", hint=hint) from None
    if not found.client_email or not found.private_key:
        raise AuthLost(f"{where} is no key file of a service account", hint=hint)
    _key(found.private_key)
    return found


@lru_cache(maxsize=16)
def _key(pem: str) -> RSAPrivateKey:
    """The key of a PEM text; reading it checks it, which takes a while. Raises AuthLost."""
    hint = "make another key of the service account in the console, and take its whole JSON file"
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AuthLost("the private key of the service account cannot be read", hint=hint) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _LEAST_BITS:
        raise AuthLost(f"the key of the service account is no RSA key of {_LEAST_BITS} bits or more", hint=hint)
    return key


@dataclass(frozen=True, slots=True)
class Assertion:
    """A service account that stands for a user, as shown to a token endpoint.

    Attributes:
        token_url: the token endpoint, which is also whom the assertion is for.
        key: of the service account. subject: the user. scope: what is asked for.
        scheme: word before the token in the Authorization header.
    """

    token_url: str
    key: KeyFile = field(repr=False)
    subject: str
    scope: str
    scheme: str = "Bearer"

    @property
    def refresh_token(self) -> str:
        """There is none: every token is made from another signature."""
        return ""

    @property
    def timed(self) -> bool:
        """An assertion says when it was made."""
        return True

    @property
    def mark(self) -> str:
        """Tells assertions apart; the key cannot be had back from it."""
        return mark_of_parts([self.token_url, self.key.client_email, self.key.private_key, self.subject, self.scope])

    def form(self, now: float) -> dict[str, str]:
        """What is sent to the token endpoint."""
        begins = int(now) - _BACKDATED
        claims = {"iss": self.key.client_email, "scope": self.scope, "aud": self.token_url, "iat": begins,
                  "exp": begins + _LIFE, "sub": self.subject}  # fmt: skip
        head = {"alg": "RS256", "typ": "JWT"} | ({"kid": self.key.private_key_id} if self.key.private_key_id else {})
        signed = f"{_encoded(head)}.{_encoded(claims)}"
        proof = _key(self.key.private_key).sign(signed.encode(), PKCS1v15(), SHA256())
        return {"grant_type": GRANT_TYPE, "assertion": f"{signed}.{_text(proof)}"}


def _encoded(part: dict[str, Any]) -> str:
    return _text(json.dumps(part, separators=(",", ":")).encode())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
