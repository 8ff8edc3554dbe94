"""What ``mapping`` tells: every pair of fields with all that was wished for it, and what is not mapped."""

from typing import Any

from zohosyncd.core.lens.converter import Converter
from zohosyncd.core.pair import Pair
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import SIDES
from zohosyncd.pipeline.plan import Plan


def mapping_of(plan: Plan) -> dict[str, Any]:
    """The mapping of a connection as JSON."""
    schemas = {side: plan.endpoint(side).schema for side in SIDES}
    mapping = plan.mapping
    return {
        "connection": plan.name,
        "version": plan.version,
        "accounts": {side.value: plan.endpoint(side).account for side in SIDES},
        "winner": plan.policy.winner.value,
        "first_sync_winner": plan.policy.first_sync_winner.value,
        "pairs": [_pair(pair, schemas[SIDES[0]], schemas[SIDES[1]]) for pair in mapping.pairs],
        "dropped": list(mapping.dropped),
        "without_word": list(mapping.options_without_word()),
        "unmapped": {side.value: [_field(name, schemas[side]) for name in mapping.unmapped(side)] for side in SIDES},
    }


def _pair(pair: Pair, left: Schema, right: Schema) -> dict[str, Any]:
    return {
        "pair": pair.name,
        "left": [_field(name, left) for name in pair.left_fields],
        "right": [_field(name, right) for name in pair.right_fields],
        "direction": pair.direction.value,
        "narrowed": pair.narrowed,
        "set": pair.multi,
        "winner": pair.winner.value if pair.winner else None,
        "cleared": pair.cleared.value,
        "values": dict(pair.values),
        "convert": [_step(each) for each in pair.steps],
        "without_word": {side.value: list(options) for side, options in zip(SIDES, pair.unmapped, strict=True)},
    }


def _field(name: str, schema: Schema) -> dict[str, Any]:
    field = schema.fields[name]
    return {"name": name, "type": field.type.value, "label": field.label, "writable": field.writable}


def _step(step: Converter) -> str | dict[str, str]:
    """As the configuration says it."""
    return {step.kind.value: step.text} if step.text else step.kind.value
