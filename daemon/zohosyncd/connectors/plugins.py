"""Connectors that other distributions bring: found by their entry point, and loaded when somebody wants them.

A distribution names its spec in its metadata, in the group ``zohosyncd.connectors``, under the app's name::

    [project.entry-points."zohosyncd.connectors"]
    listmonk = "zohosyncd_listmonk:SPEC"

Nobody's code runs because it is installed: it does when an account's file says ``app = "listmonk"``, and when somebody
lists the apps (``connectors``) or asks for all their keys (``config --reference``, ``config --schema``). What cannot
be used stands in for itself (:mod:`zohosyncd.connectors.unusable`), so that everything else goes on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Final

from zohosyncd.connectors.tools import ConnectorSpec
from zohosyncd.connectors.unusable import stand_in
from zohosyncd.core.errors import Unavailable
from zohosyncd.ports.connector import PORT_VERSION
from zohosyncd.settings.accounts import AccountOptions

GROUP: Final = "zohosyncd.connectors"
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Plugin:
    """An app that another distribution brings; nothing of it has been loaded.

    Attributes:
        name: the app's name. distribution: who brings it, such as ``zohosyncd-listmonk 1.2``.
        load: imports what the entry point names; raises whatever that raises.
        trouble: why it is not to be loaded at all, "" for nothing.
    """

    name: str
    distribution: str
    load: Callable[[], object]
    trouble: str = ""


def installed() -> Iterator[Plugin]:
    """What the installed distributions say they bring; none of it is loaded."""
    seen = set()
    for distribution in metadata.distributions():
        text = distribution.read_text("entry_points.txt") or ""
        if GROUP not in text or (name := distribution.name) in seen:
            continue
        seen.add(name)
        told = f"{name} {distribution.version}"
        try:
            entries = tuple(distribution.entry_points.select(group=GROUP))
        except (ValueError, TypeError):
            yield Plugin(name, told, lambda: None, "its entry points cannot be read")
            continue
        for entry in entries:
            yield Plugin(entry.name, told, entry.load)


class Apps(Mapping[str, ConnectorSpec]):
    """All apps by name. Names are known without loading anything; a plug-in is loaded once, when its spec is read.

    Args:
        own: our own specs. plugins: what others bring, looked for once, and only when a name is not one of ours.
    """

    def __init__(self, own: Sequence[ConnectorSpec], plugins: Callable[[], Iterable[Plugin]] = installed) -> None:
        self._own = {spec.name: spec for spec in own}
        self._plugins = plugins
        self._found: dict[str, Plugin] | None = None
        self._loaded: dict[str, ConnectorSpec] = {}
        self._shadowed: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> ConnectorSpec:
        if name in self._own:
            return self._own[name]
        plugin = self._others()[name]
        if name not in self._loaded:
            self._loaded[name] = _spec(plugin)
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._others()

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from sorted(self._others())

    def __len__(self) -> int:
        return len(self._own) + len(self._others())

    def usable(self) -> dict[str, ConnectorSpec]:
        """Those that can be used; loads all plug-ins."""
        return {name: spec for name, spec in self.items() if spec.unusable is None}

    def origin(self, name: str) -> str:
        """The distribution that brings an app, "" for one of ours."""
        return "" if name in self._own else self._others()[name].distribution

    def shadowed(self) -> tuple[str, ...]:
        """A line for each plug-in that is left out, because its app's name is one of ours."""
        self._others()
        return self._shadowed

    def _others(self) -> Mapping[str, Plugin]:
        if self._found is None:
            self._found, shadowed = {}, []
            for plugin in self._plugins():
                if plugin.name in self._own:
                    shadowed.append(
                        f"{plugin.distribution} brings an app called {plugin.name}, which is one of zohosyncd's own: "
                        f"it is not used (remove it, or ask its authors for another name)"
                    )
                elif (other := self._found.get(plugin.name)) is not None:
                    self._found[plugin.name] = _twice(other, plugin)
                else:
                    self._found[plugin.name] = plugin
            self._shadowed = tuple(shadowed)
        return self._found


def _twice(one: Plugin, other: Plugin) -> Plugin:
    """Neither of two that want the same name: which of them has the account's key is not for us to guess."""
    who = f"{one.distribution} and {other.distribution}"
    return Plugin(one.name, who, one.load, f"both bring an app called {one.name}; remove one of them")


def _spec(plugin: Plugin) -> ConnectorSpec:
    """The plug-in's spec, or what stands in for one that cannot be used."""
    trouble = plugin.trouble
    found: object = None
    if not trouble:
        try:
            found = plugin.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's module does, the others go on
            trouble = f"cannot be loaded: {_line(error)}"
        else:
            trouble = _wrong(plugin.name, found)
    if not trouble and isinstance(found, ConnectorSpec):
        return found
    cure = f"install a version of it that is made for this zohosyncd, or remove it: pip uninstall {_package(plugin)}"
    if plugin.trouble:
        cure = f"pip uninstall {_package(plugin)}"
    return stand_in(
        plugin.name, Unavailable(f"the app {plugin.name} of {plugin.distribution}: {trouble}", hint=f"{cure}; restart")
    )


def _wrong(name: str, found: object) -> str:
    """What is wrong with what an entry point names, "" for nothing."""
    if not isinstance(found, ConnectorSpec):
        return f"its entry point names an object of type {type(found).__name__}, not a ConnectorSpec"
    if found.name != name:
        return f"its spec is called {found.name}"
    if not (isinstance(found.options, type) and issubclass(found.options, AccountOptions)):
        return "the options of its spec are not derived from AccountOptions"
    if found.speaks is None:
        return f"its spec does not say which version of the connector port it speaks (speaks={PORT_VERSION})"
    if found.speaks != PORT_VERSION:
        return f"it speaks version {found.speaks} of the connector port, and the one installed here is {PORT_VERSION}"
    return ""


def _line(error: BaseException) -> str:
    """An error of a stranger's in one line of bounded length."""
    text = " ".join(str(error).split())
    told = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"


def _package(plugin: Plugin) -> str:
    return plugin.distribution.split(" ", 1)[0]
