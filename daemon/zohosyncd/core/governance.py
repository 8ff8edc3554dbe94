"""What an operator has said beside the mapping: rules, consent, deletions, what happens to a pair that leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from zohosyncd.core.consent import ConsentPolicy, ConsentState, Travel
from zohosyncd.core.outcome import Deletion, Policy
from zohosyncd.core.record import Record, Value, Values
from zohosyncd.core.rules.compiling import RuleSet
from zohosyncd.core.rules.effects import ConsentEffect
from zohosyncd.core.rules.scope import Leave
from zohosyncd.core.rules.subject import Subject, subject_of
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import SIDES, Side


@dataclass(frozen=True, slots=True)
class Governance:
    """Everything that decides about a pair beside the merge of its mapped fields.

    Attributes:
        schemas: of both sides. rules: compiled.
        consent: modes and flags; the wishes of rules are added when they are known. consent_tag: for the mode "tag".
        leave, leave_tag: what becomes of a pair that leaves the rules. deletion_tag: for deletions of the mode "tag".
        watched: by side, the fields that decide here without being mapped; bases keep what was last seen of them.
    """

    schemas: Mapping[Side, Schema] = field(default_factory=dict)
    rules: RuleSet = field(default_factory=RuleSet)
    consent: ConsentPolicy = field(default_factory=ConsentPolicy)
    consent_tag: str = ""
    leave: Leave = Leave.FREEZE
    leave_tag: str = ""
    deletion_tag: str = ""
    watched: Mapping[Side, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether mapped fields are all that counts."""
        return not (self.rules.rules or self.deletion_tag or any(self.watched.values()))

    @property
    def decides_consent(self) -> bool:
        """Whether anything can change the consent of some side: an opt-out on the other one, or a rule."""
        wished = any(isinstance(effect, ConsentEffect) for rule in self.rules.rules for effect in rule.effects)
        return wished or any(self.consent_can_change(side) for side in SIDES)

    def consent_can_change(self, side: Side) -> bool:
        """Whether what the other side says of consent can do anything to this one."""
        if not has_consent(self.schemas.get(side.other)):
            return False
        if self.consent.onto.get(side, Travel.OPT_OUT) is Travel.TAG:
            return bool(tag_kind(self.schemas[side]))
        return has_consent(self.schemas[side])

    def subject(self, side: Side, record: Record) -> Subject:
        """What rules and consent look at."""
        return subject_of(self.schemas[side], record, opt_out_tag=self.consent_tag)

    def consent_in(self, side: Side, patch: Values) -> ConsentState | None:
        """The state of consent that a write to a side has brought, None for none."""
        schema = self.schemas.get(side)
        if schema is None:
            return None
        if schema.consent is not None:
            state = patch.get(schema.consent.state)
            return ConsentState(str(state)) if state in set(ConsentState) else None
        flags = schema.meaning("opted_out")
        if not flags or flags[0].name not in patch:
            return None
        return ConsentState.UNSUBSCRIBED if patch[flags[0].name] is True else ConsentState.NEVER

    def seen(self, side: Side, record: Record) -> Mapping[str, Value]:
        """What the record shows of the watched fields."""
        return {name: record.values[name] for name in self.watched.get(side, ()) if name in record.values}


def has_consent(schema: Schema | None) -> bool:
    """Whether the app keeps consent at all."""
    return schema is not None and (schema.consent is not None or bool(schema.meaning("opted_out")))


def consent_fields(schema: Schema) -> tuple[str, ...]:
    """The fields that tell of consent."""
    if schema.consent is not None:
        return tuple(name for name in (schema.consent.state, schema.consent.at, schema.consent.source) if name)
    return tuple(each.name for each in schema.meaning("opted_out")[:1])


def tag_kind(schema: Schema) -> str:
    """The kind of container that tags of our own go into, "" where the app has none."""
    return next(iter(schema.containers), "")


def complete(governance: Governance, policy: Policy) -> Governance:
    """The same with the fields that have to be read for it.

    Args:
        governance: all but ``watched``. policy: its deletions may need containers.
    """
    return replace(governance, watched=watched_fields(governance, policy))


def watched_fields(governance: Governance, policy: Policy) -> dict[Side, tuple[str, ...]]:
    """The fields to read of each side for rules, consent and tags of our own.

    Args:
        governance: all but ``watched``. policy: its deletions may need containers.
    """
    return {side: tuple(dict.fromkeys(_watched(governance, policy, side))) for side in SIDES}


def _watched(governance: Governance, policy: Policy, side: Side) -> list[str]:
    schema, reading = governance.schemas[side], governance.rules.reading.get(side)
    kinds: list[str] = []
    names: list[str] = []
    if reading is not None:
        names += reading.fields
        kinds += reading.containers
        names += [schema.owner] if reading.owner else []
        names += [schema.created] if reading.created else []
    if governance.decides_consent or (reading is not None and reading.consent):
        names += consent_fields(schema)
        tags = governance.consent.onto.get(side) is Travel.TAG
        kinds += [tag_kind(schema)] if tags else []
    leaves = governance.rules.rules and governance.leave is Leave.TAG
    if leaves or policy.deletions.get(side) is Deletion.TAG:
        kinds.append(tag_kind(schema))
    return [name for name in (*names, *(schema.containers[kind].field for kind in kinds if kind)) if name]
