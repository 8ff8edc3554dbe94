"""Whose login opens an account: as its file says, if it says so."""

from zohosyncd.core.errors import AuthLost
from zohosyncd.ports.connector import AccountInfo
from zohosyncd.settings import Account, OAuthOptions


def refuse_another_login(settings: Account, info: AccountInfo) -> None:
    """Raises AuthLost where the account's file says whose login it is, and it is not theirs."""
    options = settings.options
    if not isinstance(options, OAuthOptions) or options.login is None:
        return
    file, told = f"accounts.d/{settings.name}.toml", {each.strip().casefold() for each in (info.login, *info.aliases)}
    if not told - {""}:
        hint = f"give all the rights that are asked for ({again(settings.name)}), or take login out of the file"
        raise AuthLost(f"it is not told whose login it is, and {file} names one", hint=hint)
    if options.login.strip().casefold() not in told:
        hint = f"log out there, and log in as whom login names: {again(settings.name)}"
        raise AuthLost(f"it is another login than {file} says", hint=hint)


def again(account: str) -> str:
    """The command that authorises an account."""
    return f"zohosyncd auth {account}"
