"""``[[rules]]``: which records of one side are created across, and what is done to them there."""

from collections.abc import Iterator, Sequence

from pydantic import Field, model_validator

from zohosyncd.core.side import Side
from zohosyncd.settings.actions import EXAMPLES as ACTION_EXAMPLES
from zohosyncd.settings.actions import Add, AnyAction, On, Opt, Remove, SetField
from zohosyncd.settings.clauses import EXAMPLES, Clause
from zohosyncd.settings.sides import SIDE
from zohosyncd.settings.values import Table, mistake


class Rule(Table):
    """IF a record of one side is like this, THEN it is created on the other side and these actions are done there.

    Rules of one side are alternatives; the clauses of one rule must all be true. Without any rule every record of both
    sides is synced. With one, a side without a rule creates nothing across; linked records still update both ways.
    """

    from_: Side = Field(
        alias="from", strict=False, description="the side whose records are asked", examples=["zoho"],
        json_schema_extra=SIDE,
    )  # fmt: skip
    if_: tuple[Clause, ...] = Field(
        default=(),
        alias="if",
        strict=False,
        description="clauses that must all be true; without any, every record matches",
        examples=[EXAMPLES],
    )
    then: tuple[AnyAction, ...] = Field(
        default=(), strict=False, description="actions on the record of the other side", examples=[ACTION_EXAMPLES]
    )

    @model_validator(mode="after")
    def _one_wish_each(self) -> "Rule":
        found = _contradiction(self.then)
        if found is not None:
            index, message = found
            raise mistake(message, key=f"then.{index}", hint="remove one of the two actions")
        return self


def _contradiction(actions: Sequence[AnyAction]) -> tuple[int, str] | None:
    """The first action that wants something else than an earlier one, or the same once more."""
    seen: dict[tuple[str, ...], str] = {}
    for index, action in enumerate(actions):
        for subject, wish in _wishes(action):
            if subject in seen:
                again = "stands there twice" if seen[subject] == wish else "contradicts an earlier action"
                return index, f"{again}: {' '.join(subject[:2])}"
            seen[subject] = wish
    return None


def _wishes(action: AnyAction) -> Iterator[tuple[tuple[str, ...], str]]:
    match action:
        case SetField():
            moments = (On.CREATE, On.UPDATE) if action.on is On.ALWAYS else (action.on,)
            yield from ((("set", action.set, moment), repr(action.value)) for moment in moments)
        case Add():
            yield (action.add, action.value), "add"
        case Remove():
            yield (action.remove, action.value), "remove"
        case Opt():
            yield ("opt",), action.opt
