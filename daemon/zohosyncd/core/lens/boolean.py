"""A flag."""

from collections.abc import Hashable
from dataclasses import dataclass

from zohosyncd.core.lens import View
from zohosyncd.core.record import Value, Values

NOT_A_FLAG = "not yes or no"


def boolean_canon(view: View) -> Hashable:
    """True, or None: a flag that was never set and one that says no are the same."""
    return True if view is True else None


@dataclass(frozen=True, slots=True)
class BooleanLens:
    """A field that holds yes or no."""

    name: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return (self.name,)

    def get(self, values: Values) -> View:
        """The flag, None where it was never set."""
        value = values.get(self.name)
        return value if isinstance(value, bool) else None

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The flag, if it says something else; nothing is stored as no, which every app can store."""
        if boolean_canon(view) == boolean_canon(self.get(values)) or self.refuses(view) is not None:
            return {}
        return {self.name: view is True}

    def refuses(self, view: View, values: Values | None = None) -> str | None:  # noqa: ARG002  part of the protocol
        """Refuses everything but a flag."""
        return None if view is None or isinstance(view, bool) else NOT_A_FLAG

    def shows_part(self, view: View, whole: View) -> bool:  # noqa: ARG002  part of the protocol
        """Never: a flag has no parts."""
        return False
