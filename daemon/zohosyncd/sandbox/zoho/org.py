"""Users and the org, as ``/users`` and ``/org`` show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class User:
    """A CRM user. ``time_zone``: a fixed offset or a name of the tz database, "" for that of the org."""

    number: int
    first: str
    last: str
    email: str
    active: bool = True
    admin: bool = False
    time_zone: str = ""

    @property
    def name(self) -> str:
        """The name that records show."""
        return f"{self.first} {self.last}"

    def short(self) -> dict[str, str]:
        """As records and write answers name a user."""
        return {"name": self.name, "id": str(self.number)}

    def owner(self) -> dict[str, str]:
        """As a record names its owner."""
        return {**self.short(), "email": self.email}


def users(base: int) -> tuple[User, ...]:
    """The people of the org: the API's own user first, then the person whose edits the sandbox plays."""
    return (
        User(base + 293_001, "Sync", "Robot", "robot@example.com", admin=True),
        User(base + 293_002, "Ann", "Arbour", "ann@example.com", admin=True),
        User(base + 293_003, "Ben", "Bright", "ben@example.com", time_zone="+05:30"),
        User(base + 293_004, "Cleo", "Former", "cleo@example.com", active=False),
        User(base + 293_005, "Dora", "Dahl", "dora@example.com", time_zone="-11:00"),
        User(base + 293_006, "Emil", "Ebert", "emil@example.com"),
    )


def listed(everybody: tuple[User, ...], kind: str, current: User) -> list[User] | None:
    """Users of one ``type``; None when there is no such type. ``current``: whose token asks."""
    chosen = {
        "AllUsers": everybody,
        "ActiveUsers": tuple(u for u in everybody if u.active),
        "DeactiveUsers": tuple(u for u in everybody if not u.active),
        "ConfirmedUsers": everybody,
        "NotConfirmedUsers": (),
        "DeletedUsers": (),
        "ActiveConfirmedUsers": tuple(u for u in everybody if u.active),
        "AdminUsers": tuple(u for u in everybody if u.admin),
        "ActiveConfirmedAdmins": tuple(u for u in everybody if u.admin and u.active),
        "CurrentUser": (current,),
    }
    return list(chosen[kind]) if kind in chosen else None


def profile(user: User, time_zone: str, country: str) -> dict[str, Any]:
    """One user with everything that ``/users`` says."""
    base = user.number // 1_000_000 * 1_000_000
    return {
        "id": str(user.number),
        "zuid": str(user.number % 1_000_000_000),
        "full_name": user.name,
        "first_name": user.first,
        "last_name": user.last,
        "email": user.email,
        "status": "active" if user.active else "disabled",
        "confirm": True,
        "time_zone": time_zone,
        "time_format": "HH:mm",
        "date_format": "yyyy-MM-dd",
        "locale": "en_US",
        "country_locale": "en_US",
        "country": country,
        "language": "en_US",
        "role": {"name": "CEO", "id": str(base + 26_005)},
        "profile": {
            "name": "Administrator" if user.admin else "Standard",
            "id": str(base + (26_011 if user.admin else 26_014)),
        },
        "microsoft": False,
        "personal_account": False,
        "Isonline": False,
    }


def organisation(settings: Mapping[str, Any]) -> dict[str, Any]:
    """``/org``: edition, country and time zone."""
    edition = settings["edition"]
    return {
        "id": settings["org"],
        "zgid": settings["org"][-9:],
        "company_name": "Sandbox Trading",
        "alias": None,
        "primary_email": "ann@example.com",
        "country": settings["country"],
        "country_code": settings["country"],
        "currency": "Euro - EUR",
        "iso_code": "EUR",
        "currency_symbol": "€",
        "currency_locale": "de_DE",
        "time_zone": settings["time_zone"],
        "type": settings["type"],
        "mc_status": False,
        "gapps_enabled": False,
        "privacy_settings": False,
        "license_details": {
            "paid": edition != "free",
            "paid_type": edition,
            "paid_expiry": None,
            "trial_type": None,
            "trial_expiry": None,
            "trial_action": None,
            "users_license_purchased": settings["users"],
        },
    }
