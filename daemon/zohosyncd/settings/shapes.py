"""Places where one of several tables may stand: a clause, an action, a converter.

Each of those tables has one key that no other has, its sign; a table with none or with two of them is refused before
its model is chosen. So a value of such a type is always exactly one of its shapes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.values import Table, mistake


class Shape(Table):
    """One of the tables that may stand at a place."""

    sign: ClassVar[str]
    """The key that only this shape has."""


def tag(shape: type | str) -> str:
    """The step that pydantic adds to the place of a mistake inside this shape; no key of a file looks like it."""
    return f"<{shape if isinstance(shape, str) else shape.__name__}>"


def is_tag(step: object) -> bool:
    """Whether this step of a mistake's place is a shape and no key."""
    return isinstance(step, str) and step.startswith("<") and step.endswith(">")


@dataclass(frozen=True, slots=True)
class Chooser:
    """Tells which shape a table is.

    Attributes:
        noun: what stands at that place: "a clause".
        shapes: by sign.
        example: a right one.
        twice: what to do where two signs stand in one table.
        words: texts that may stand there instead of a table.
    """

    noun: str
    shapes: Mapping[str, type[Shape]]
    example: str
    twice: str
    words: tuple[str, ...] = ()

    def check(self, value: object) -> object:
        """Refuse what is none of the shapes, or two of them."""
        if isinstance(value, Shape):
            return value
        if isinstance(value, str) and self.words:
            return self._word(value)
        if not isinstance(value, dict):
            raise mistake(f"expected {self.noun} in curly brackets", hint=f"such as {self.example}")
        found = [key for key in value if key in self.shapes]
        if len(found) > 1:
            named = " and ".join(f'"{key}"' for key in found)
            raise mistake(f"{named} stand in one table", hint=self.twice)
        if not found:
            self._refuse(value)
        return value

    def _word(self, value: str) -> str:
        if value in self.words:
            return value
        choices = (*self.words, *self.shapes)
        raise mistake(one_of(choices), hint=nearest(value, choices))

    def _refuse(self, value: Mapping[str, Any]) -> None:
        known = {key for shape in self.shapes.values() for key in shape.model_fields}
        for key in value:
            guess = nearest(key, self.shapes) if key not in known else ""
            if guess:
                raise mistake("is not a known key", key=key, hint=guess)
        if "field" in value and "field" in known:
            signs = tuple(sign for sign, shape in self.shapes.items() if "field" in shape.model_fields)
            raise mistake("lacks its operator", hint=one_of(signs))
        if "field" in known and len(value) == 1:
            hint = f'a field is asked for as {{ field = "{next(iter(value))}", is = ... }}'
            raise mistake(f"is not {self.noun}", hint=hint)
        raise mistake(f"is not {self.noun}", hint=one_of(self.shapes))

    def tag(self, value: object) -> str:
        """The tag of the shape that a checked value is."""
        if isinstance(value, Shape):
            return tag(type(value))
        if isinstance(value, dict):
            return tag(next(self.shapes[key] for key in value if key in self.shapes))
        return tag("word")
