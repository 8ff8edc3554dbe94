"""Which e-mail addresses are taken."""

import hashlib
import re
from typing import Final

from .problems import Problem, invalid
from .setup import MailchimpSetup

_VALID: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+"
)


def hash_of(address: str) -> str:
    """The id of a member: MD5 of the address in lower case."""
    return hashlib.md5(address.strip().lower().encode(), usedforsecurity=False).hexdigest()


def taken(address: str, setup: MailchimpSetup) -> str:
    """The address as it is stored. Raises Problem."""
    address = address.strip()
    if not _VALID.fullmatch(address) or len(address) > 254:
        raise invalid(detail="Please provide a valid email address.")
    user, _, domain = address.lower().rpartition("@")
    if domain in setup.fake_domains or user in setup.fake_users:
        raise _fake(address)
    return address


def _fake(address: str) -> Problem:
    return invalid(detail=f"{address} looks fake or invalid, please enter a real email address.")
