"""Point reads, and what it takes to believe that a record is gone.

Absence is never taken for deletion: what a complete read did not show is read by id, together with a record that is
known to be there (a witness), before it counts as gone. Where a complete read lacks so much that the read itself may be
wrong, nobody is even asked for: a person has to look at it.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Final

import structlog

from zohosyncd.core.errors import Busy
from zohosyncd.core.guard import shrank
from zohosyncd.pipeline.mirror import Mirror
from zohosyncd.ports.connector import Fetched, Found, Missing, Unreadable

_DOUBTS, _LOOK_AGAIN = 2, 3_600.0
"""A read that lacked too much is repeated so often in all at once, and then after so many seconds, until a person has
looked at it: it may have been the app's mistake."""

_PAGE: Final = 200

_log = structlog.get_logger("zohosyncd.feed")


class Absences:
    """Records of one object that were asked for by id, or that a complete read lacked."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._doubts = 0

    # --- point reads ------------------------------------------------------------------------------------------

    async def fetch(self, ids: Sequence[str], *, vouched: bool = False) -> dict[str, Fetched]:
        """Point reads that go through the mirror; the answers by id.

        A missing record counts as gone only if it is missing twice, the second time in an answer that shows another
        record, or if the feed has reported its removal. Otherwise it is left out of the answers: nothing is known.

        Args:
            vouched: a person or the feed vouches for what is missing, instead of another record.
        """
        if not ids:
            return {}
        mirror = self._mirror
        taken = mirror.world.store.ordinal()
        answers = {_id_of(answer): answer for answer in await self._ask(list(dict.fromkeys(ids)))}
        shown = [record for record, answer in answers.items() if isinstance(answer, Found | Unreadable)]
        mirror.witness = shown[-1] if shown else mirror.witness
        missing = [record for record, answer in answers.items() if isinstance(answer, Missing)]
        if missing:
            answers = {record: answer for record, answer in answers.items() if record not in missing}
            answers |= await (self._missing_twice(missing, "") if vouched else self._prove_missing(missing))
            # What a read alone cannot prove, the feed may have told before.
            rows = await mirror.world.store.rows(mirror.object_id, [each for each in missing if each not in answers])
            answers |= {row.record_id: Missing(row.record_id) for row in rows.values() if row.gone}
        await mirror.answered(taken, list(answers.values()))
        return answers

    async def _ask(self, ids: Sequence[str]) -> list[Fetched]:
        mirror = self._mirror
        return await mirror.connector.fetch(mirror.state.ref, sorted(mirror.fields), ids)

    async def _prove_missing(self, ids: Sequence[str]) -> dict[str, Fetched]:
        """What a second read says of these, asked together with a record that is known to be there: the witness.

        Without a witness, or where the answer does not show it, nothing is known.
        """
        witness = await self._find_witness(ids)
        return await self._missing_twice(ids, witness) if witness else {}

    async def _missing_twice(self, ids: Sequence[str], witness: str) -> dict[str, Fetched]:
        proven: dict[str, Fetched] = {}
        size = max(self._mirror.connector.capabilities.fetch_batch - 1, 1)
        for start in range(0, len(ids), size):
            part = ids[start : start + size]
            asked = [*part, witness] if witness else part
            answers = {_id_of(answer): answer for answer in await self._ask(asked)}
            if not witness or isinstance(answers.get(witness), Found | Unreadable):
                proven |= {record: answers[record] for record in part if record in answers}
        return proven

    async def _find_witness(self, missing: Sequence[str]) -> str:
        mirror = self._mirror
        if not mirror.witness or mirror.witness in missing:
            rows = await mirror.world.store.changes(mirror.object_id, 0, len(missing) + 50)
            known = [row.record_id for row in rows if not row.gone and row.record_id not in missing]
            mirror.witness = known[-1] if known else ""
        return mirror.witness

    # --- what a complete read lacked --------------------------------------------------------------------------

    @property
    def batch(self) -> str:
        """What a person approves who knows that what the last complete read lacked may be gone."""
        return f"read-{self._mirror.object_id}-{self._mirror.state.scan}"

    @property
    def missing(self) -> tuple[int, int]:
        """How many of how many records the last complete read lacked, (0, 0) unless a person has to look at it."""
        return self._mirror.state.missing, self._mirror.state.missing_of

    @property
    def doubtful(self) -> bool:
        """Whether a read that lacked too much is to be repeated now."""
        waited = self._mirror.world.clock.now() - self._mirror.state.swept_at
        return bool(self.missing[0]) and (self._doubts < _DOUBTS or waited > _LOOK_AGAIN)

    async def lacking(self) -> AsyncIterator[list[str]]:
        """Ids that the last complete read lacked, in pages, if a person has to look at it."""
        after = ""
        while self.missing[0] and (ids := await self._absent(after)):
            after = ids[-1]
            yield ids

    async def accept(self) -> int:
        """A person knows that what the last complete read lacked may be gone: each is looked for by its id.

        Returns:
            How many are gone.

        Raises:
            Busy: a complete read is under way. RemoteError: the app cannot be asked now.
        """
        if self._mirror.state.scan_cursor is not None:
            raise Busy("a complete read is under way", hint="try again when it has ended")
        before = self._mirror.tally.removed
        await self._look_for_all(accepted=True)
        return self._mirror.tally.removed - before

    async def prove(self) -> None:
        """What a complete read did not show is looked for, unless so much is missing that the read may be wrong."""
        mirror = self._mirror
        missing, known = await mirror.world.store.count_absent(mirror.object_id, mirror.state.scan)
        if shrank(missing, known):
            await self._remember(missing, known)
        else:
            await self._look_for_all(accepted=False)

    def note_full_read(self) -> None:
        """Everything was read once more; what is missing still is a doubt more."""
        self._doubts += bool(self.missing[0])

    async def _look_for_all(self, *, accepted: bool) -> None:
        after = ""
        while ids := await self._absent(after):
            after = ids[-1]
            if not await self.fetch(ids, vouched=accepted):
                self._mirror.tally.doubted += len(ids)
                _log.warning(
                    "records are absent, but nothing proves that they are gone", account=self._mirror.state.account
                )
                return
        await self._remember(0, 0)
        self._doubts = 0

    async def _absent(self, after: str) -> list[str]:
        mirror = self._mirror
        return await mirror.world.store.absent(mirror.object_id, mirror.state.scan, after, _PAGE)

    async def _remember(self, missing: int, known: int) -> None:
        if (missing, known) != self.missing:
            await self._mirror.world.store.set_missing(self._mirror.object_id, missing, known)
            self._mirror.state = replace(self._mirror.state, missing=missing, missing_of=known)


def _id_of(answer: Fetched) -> str:
    return answer.record.id if isinstance(answer, Found) else answer.id
