"""One of the values that an app allows."""

from dataclasses import dataclass, field

from zohosyncd.core.lens import View
from zohosyncd.core.lens.text import REQUIRED, fold_canon, text_of
from zohosyncd.core.record import Value, Values
from zohosyncd.core.spelling import fold

NO_SUCH_CHOICE = "not among the values that the field allows"


@dataclass(frozen=True, slots=True)
class ChoiceLens:
    """A field that holds one of ``choices`` (any text where they are unknown), compared without regard to case."""

    name: str
    choices: tuple[str, ...] = ()
    required: bool = False
    _spelled: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_spelled", {fold(choice): choice for choice in self.choices})

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return (self.name,)

    def get(self, values: Values) -> View:
        """The chosen value, None if there is none."""
        return text_of(values.get(self.name)) or None

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The value in the app's own spelling, if it is not chosen already."""
        if fold_canon(view) == fold_canon(self.get(values)) or self.refuses(view, values) is not None:
            return {}
        text = text_of(view).strip()
        return {self.name: self._spelled.get(fold(text), text) or None}

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses values that are no choice, and to empty a required field."""
        canon = fold_canon(view)
        if values is not None and canon == fold_canon(self.get(values)):
            return None
        if canon is None:
            return REQUIRED if self.required else None
        return NO_SUCH_CHOICE if self.choices and canon not in self._spelled else None

    def shows_part(self, view: View, whole: View) -> bool:  # noqa: ARG002  part of the protocol
        """Never: a choice has no parts."""
        return False
