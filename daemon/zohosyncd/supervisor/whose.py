"""Whose login opens an account: as its file says, if it says so."""

from zohosyncd.core.errors import AuthLost
from zohosyncd.ports.connector import AccountInfo
from zohosyncd.settings import Account, OAuthOptions


def refuse_another_login(settings: Account, info: AccountInfo) -> None:
    """Raises AuthLost where the account's file says whose login it is, and it is not theirs."""
    options = settings.options
    if not isinstance(options, OAuthOptions) or options.login is None:
        return
    if (info.login or info.identity).strip().casefold() != options.login.strip().casefold():
        hint = f"log out there, and log in as {options.login}: {again(settings.name)}"
        raise AuthLost(f"it is another login than accounts.d/{settings.name}.toml says", hint=hint)


def again(account: str) -> str:
    """The command that authorises an account."""
    return f"zohosyncd auth {account}"
