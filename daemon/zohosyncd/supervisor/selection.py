"""Lines of a plan that a run shall carry out, as they arrive from whoever has the plan: digests, no values."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from zohosyncd.core.chosen import DIGEST_SIZE
from zohosyncd.core.errors import UsageError
from zohosyncd.pipeline.chosen import Chosen
from zohosyncd.pipeline.plan import Plan
from zohosyncd.ports.store import Store


@dataclass(slots=True)
class Selection:
    """A plan's writes.

    Attributes:
        instance, meaning: of the state and the mapping that the plan was made with. digests: of its writes, in order.
        chosen: for the run.
    """

    instance: str
    meaning: str
    digests: Iterable[str]
    chosen: Chosen = field(init=False)

    def __post_init__(self) -> None:
        self.chosen = Chosen(_digest(each) for each in self.digests)
        self.digests = ()

    async def check(self, plan: Plan, store: Store) -> None:
        """Raises UsageError if the plan was made with another state or for another mapping than the present ones."""
        hint = f"make a new one: zohosyncd plan {plan.name} --out FILE"
        if self.instance != (await store.facts())["instance_id"]:
            raise UsageError("the plan was made with another state than this one", hint=hint)
        if self.meaning != plan.version:
            raise UsageError("mapping or rules have changed since the plan was made", hint=hint)


def _digest(said: object) -> bytes:
    try:
        found = bytes.fromhex(said) if isinstance(said, str) else b""
    except ValueError:
        found = b""
    if len(found) != DIGEST_SIZE:
        raise UsageError("the plan's writes are not understood", hint="do the daemon and this command differ?")
    return found
