"""Which fields the layouts of a module want filled. Pure.

A layout wants more than the system does. By its pages Zoho holds a call to a layout only where that is asked for; where
it does so without being asked, records that lack the field are refused one by one. Either way people should know it.

Source: ``GET /crm/v8/settings/layouts?module=``. Rules of layouts are not in it.
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from zohosyncd.connectors.zoho_crm.fields import ModuleSchema


class LayoutField(msgspec.Struct, frozen=True):
    """A field of a layout."""

    api_name: str
    required: bool | None = None


class Section(msgspec.Struct, frozen=True):
    """A part of a layout."""

    fields: list[LayoutField] | None = None


class LayoutInfo(msgspec.Struct, frozen=True):
    """A layout, as far as we use it."""

    name: str = ""
    display_label: str | None = None
    status: str | None = None
    sections: list[Section] | None = None

    @property
    def required(self) -> frozenset[str]:
        """The fields that it wants filled."""
        fields = (field for section in self.sections or () for field in section.fields or ())
        return frozenset(field.api_name for field in fields if field.required)


class LayoutList(msgspec.Struct, frozen=True):
    """The answer of ``/settings/layouts``."""

    layouts: list[LayoutInfo]


def with_layouts(schema: ModuleSchema, layouts: Sequence[LayoutInfo]) -> ModuleSchema:
    """The schema with what its active layouts want."""
    wanted: dict[str, list[str]] = {}
    for layout in layouts:
        if layout.status in (None, "active"):
            for name in layout.required:
                wanted.setdefault(name, []).append(layout.display_label or layout.name)
    known = {name: names for name, names in wanted.items() if name in schema.fields and schema.fields[name].writable}
    changed = {name: replace(schema.fields[name], wanted_by=tuple(names)) for name, names in known.items()}
    return replace(schema, fields={**schema.fields, **changed})
