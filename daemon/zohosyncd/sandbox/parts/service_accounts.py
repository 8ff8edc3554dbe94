"""Service accounts with domain-wide delegation: signed assertions instead of a consent (RFC 7523, RS256)."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from .oauth_habits import Refused

_LONGEST, _SKEW = 3_600, 300


@dataclass(frozen=True)
class ServiceAccount:
    """A service account with its key.

    Attributes:
        email: its name. scopes: that an administrator has delegated to it, for every user of the domain.
        key: made anew for every object: two of them cannot stand for each other.
    """

    email: str
    scopes: frozenset[str]
    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65_537, 2_048), repr=False)

    @property
    def key_id(self) -> str:
        """Names the key in the head of assertions."""
        return f"{self.key.public_key().public_numbers().n:x}"[:40]

    def key_file(self, token_url: str) -> str:
        """The JSON file that the vendor's console gives to the administrator."""
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return json.dumps({
            "type": "service_account", "project_id": "sandbox", "private_key_id": self.key_id, "private_key": pem,
            "client_email": self.email, "client_id": "1", "token_uri": token_url,
        })  # fmt: skip


def subject_of(
    assertion: str,
    accounts: Mapping[str, ServiceAccount],
    audiences: Collection[str],
    now: float,
    knows: Callable[[str], bool],
) -> tuple[str, str, frozenset[str]]:
    """Check an assertion.

    Args:
        accounts: by e-mail address. audiences: names of the token endpoint. knows: whether an address is a user of the
            domain.

    Returns:
        The service account, the user that it stands for ("" for itself), and the scopes.

    Raises:
        Refused: it is not accepted.
    """
    head, claims, signed, signature = _parts(assertion)
    account = accounts.get(str(claims.get("iss", "")))
    if account is None:
        raise Refused("invalid_grant", "Invalid grant: account not found")
    if head.get("alg") != "RS256" or head.get("kid", account.key_id) != account.key_id:
        raise Refused("invalid_grant", "Invalid JWT Signature.")
    try:
        account.key.public_key().verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Refused("invalid_grant", "Invalid JWT Signature.") from None
    if claims.get("aud") not in audiences:
        raise Refused("invalid_grant", "Invalid JWT: Failed audience check.")
    _check_times(claims, now)
    scopes = frozenset(str(claims.get("scope", "")).split())
    if not scopes:
        raise Refused("invalid_scope", "Empty or missing scope not allowed.")
    subject = str(claims.get("sub", ""))
    if subject and not knows(subject):
        raise Refused("invalid_grant", "Invalid email or User ID")
    if subject and not scopes <= account.scopes:
        sentence = "Client is unauthorized to retrieve access tokens using this method"
        raise Refused("unauthorized_client", f"{sentence}, or client not authorized for any of the scopes requested.")
    return account.email, subject, scopes


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    begins, ends = claims.get("iat"), claims.get("exp")
    if not isinstance(begins, int) or not isinstance(ends, int):
        raise Refused("invalid_grant", "Invalid JWT: iat and exp have to be whole numbers.")
    if not now - _SKEW < ends <= begins + _LONGEST or begins > now + _SKEW:
        sentence = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
        raise Refused("invalid_grant", f"{sentence} Check your iat and exp values in the JWT claim.")


def _parts(assertion: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    try:
        head, claims, signature = assertion.split(".")
        found = (json.loads(_decoded(head)), json.loads(_decoded(claims)))
        proof = _decoded(signature)
    except (ValueError, UnicodeDecodeError):
        raise Refused("invalid_grant", "Bad Request") from None
    if not all(isinstance(each, dict) for each in found):
        raise Refused("invalid_grant", "Bad Request")
    return *found, f"{head}.{claims}".encode(), proof


def _decoded(text: str) -> bytes:
    if "=" in text:
        raise ValueError
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
