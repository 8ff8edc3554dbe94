"""The simulated apps beside Zoho CRM and the address book: every package of the sandbox with a module ``serving``."""

from collections.abc import Collection
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

from .parts.serving import Account, Serving
from .world import World


@cache
def servings() -> dict[str, Serving]:
    """How they are served, by the app's name."""
    here = __name__.rpartition(".")[0]
    packages = [each.name for each in iter_modules([str(Path(__file__).parent)]) if each.ispkg and each.name != "parts"]
    paths = [f"{here}.{name}.serving" for name in packages]
    found: list[Serving] = [import_module(path).SERVING for path in paths if find_spec(path) is not None]
    return {each.name: each for each in found}


def add_others(world: World, base_url: str) -> None:
    """Put all of them into a world; nobody is in them yet."""
    for each in servings().values():
        world.add(each.make(world.time, world.seed, base_url))


def accounts(world: World, base_url: str, names: Collection[str]) -> list[Account]:
    """The accounts that open some of them."""
    return [servings()[name].account(world.apps[name], base_url) for name in names]
