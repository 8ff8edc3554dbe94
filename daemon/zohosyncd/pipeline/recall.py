"""What the last process left without an outcome: its persons are busy before any connection begins to work."""

from collections.abc import Collection

from zohosyncd.core.side import Side
from zohosyncd.pipeline.plan import World
from zohosyncd.pipeline.work import persons_of
from zohosyncd.ports.store import IntentState


async def recall(world: World, names: Collection[str]) -> None:
    """Claim the persons of all writes of these connections that were sent and have no outcome.

    A connection finds out about its own once it is prepared; until then its neighbours must leave them alone, too.
    """
    for state in await world.store.connections():
        if state.name not in names:
            continue
        intents = await world.store.open_intents(state.id, (IntentState.SENT, IntentState.UNKNOWN))
        for intent in intents:
            source = state.right_object if intent.side is Side.LEFT else state.left_object
            world.births.begin(intent)
            world.claims.take_over(persons_of(intent, source))
        if intents:
            world.recalled[state.id] = {intent.id for intent in intents}
