"""Layouts of a module: which fields they have and want filled, and rules that want more for a value of another field.

Source: REST API v8, Layouts Metadata, and Insert, Update and Upsert Records. A write is held to the layout that it
names and to the layout rules that it asks for with ``apply_feature_execution``; any other one only to what the system
wants. What is not in the layout, or hidden by a rule, is ignored without a word. Whether a rule looks at fields of the
record that an update does not name is not documented: here it does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .schema import Field, Module, Rights, metadata

_ACTIONS = ("edit", "rename", "clone", "downgrade", "delete", "deactivate", "set_layout_permissions")


@dataclass(frozen=True, slots=True)
class LayoutRule:
    """Where ``field`` has one of these values, other fields are mandatory, or not there."""

    name: str
    field: str
    values: frozenset[Any]
    mandatory: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it applies to a record with these values."""
        return values.get(self.field) in self.values


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout. ``mandatory``: beside what the system wants. ``without``: fields that it does not have."""

    name: str = "Standard"
    module: str = "Contacts"
    mandatory: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    rules: tuple[LayoutRule, ...] = ()
    active: bool = True

    def hides(self, name: str, values: Mapping[str, Any]) -> bool:
        """Whether a record with these values has no such field."""
        return name in self.without or any(name in rule.hidden for rule in self.rules if rule.holds(values))


@dataclass(frozen=True, slots=True)
class Layouts:
    """The layouts of all modules. ``base``: what ids grow from."""

    made: Sequence[Layout]
    base: int

    def of(self, module: Module) -> list[Layout]:
        """Those of a module, the default first; a module without any has one that wants nothing."""
        return [each for each in self.made if each.module == module.name] or [Layout(module=module.name)]

    def number(self, module: Module, layout: Layout) -> int:
        """The id of a layout."""
        return self.base + module.number * 1_000_000 + 95_000 + 2 * self.of(module).index(layout)

    def named(self, module: Module, given: Any) -> Layout | None:
        """The layout that a write names, None where there is none."""
        number = given.get("id") if isinstance(given, dict) else None
        found = [each for each in self.of(module) if str(self.number(module, each)) == str(number)]
        return found[0] if found else None

    def rule_id(self, module: Module, layout: Layout, rule: LayoutRule) -> str:
        """The id of a rule."""
        return str(self.number(module, layout) + 500_000 + layout.rules.index(rule))

    def shown(self, module: Module, rights: Rights, only: int | None = None) -> list[dict[str, Any]]:
        """As ``settings/layouts`` shows them: of all, or of one."""
        layouts = [(self.number(module, each), each) for each in self.of(module)]
        return [self._shown(module, each, number, rights) for number, each in layouts if only in (None, number)]

    def _shown(self, module: Module, layout: Layout, number: int, rights: Rights) -> dict[str, Any]:
        return {
            "id": str(number),
            "name": layout.name,
            "api_name": layout.name,
            "display_label": layout.name,
            "generated_type": "system" if layout.name == "Standard" else "custom",
            "status": "active" if layout.active else "inactive",
            "visible": layout.active,
            "source": "crm",
            "created_for": None,
            "created_by": None,
            "created_time": None,
            "modified_by": None,
            "modified_time": None,
            "has_more_profiles": False,
            "profiles": [{"id": str(self.base + 26_011), "name": "Administrator", "default": True,
                          "_default_view": {"id": str(number), "name": layout.name, "type": "layout"}}],
            "show_business_card": True,
            "actions_allowed": dict.fromkeys(_ACTIONS, True),
            "sections": [self._section(module, layout, number, rights)],
        }  # fmt: skip

    def _section(self, module: Module, layout: Layout, number: int, rights: Rights) -> dict[str, Any]:
        described = metadata(module, self.base, rights)
        there = [each for each in described if each["api_name"] not in layout.without]
        fields = [
            {
                **each,
                "required": each["system_mandatory"] or each["api_name"] in layout.mandatory,
                "sequence_number": place + 1,
                "validation_rule": None,
                "default_value": None,
                "section_id": 1,
            }
            for place, each in enumerate(there)
        ]
        return {
            "id": str(number + 25),
            "name": f"{module.name} Information",
            "display_label": f"{module.name} Information",
            "api_name": f"{module.name}Information1",
            "type": "used",
            "mode": "all",
            "sequence_number": 1,
            "column_count": 2,
            "tab_traversal": "left_to_right",
            "generated_type": "default",
            "isSubformSection": False,
            "properties": None,
            "fields": fields,
        }


def wanted(
    layout: Layout, fields: Mapping[str, Field], values: Mapping[str, Any]
) -> Iterator[tuple[str, LayoutRule | None]]:
    """The fields that a record with these values has to have filled, each with the rule that wants it, if one does."""
    for name in fields:
        if name in layout.mandatory:
            yield name, None
        for rule in layout.rules:
            if name in rule.mandatory and rule.holds(values):
                yield name, rule
