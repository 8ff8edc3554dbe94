"""What a link remembers of the effects of rules, so that they can be taken back."""

from dataclasses import dataclass, field

from zohosyncd.core.record import Values


@dataclass(frozen=True, slots=True)
class Applied:
    """The effects in force on one record that will be undone, by what they touch. Part of the link.

    Attributes:
        before: what was there before the first rule gave the effect. given: what the rules gave. Both by the same
            keys: a field's value, an owner's id, the name of a container or None for "not in it".
    """

    before: Values = field(default_factory=dict)
    given: Values = field(default_factory=dict)
