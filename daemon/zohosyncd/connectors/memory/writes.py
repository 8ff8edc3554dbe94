"""What the in-memory app does with one write of a connector."""

from dataclasses import replace

from zohosyncd.connectors.memory.app import MemoryApp, Row, WriteSeen
from zohosyncd.connectors.memory.upkeep import refusal
from zohosyncd.core.name_sets import changed, difference
from zohosyncd.core.record import Values
from zohosyncd.ports.connector import Conflict, Done, Duplicate, Refused, WriteKind, WriteOp, WriteResult


def carry_out(app: MemoryApp, ref: str, op: WriteOp) -> WriteResult:
    """Carry out one op as the app's behaviour says."""
    if picked := app.behaviour.refuses & op.patch.keys():
        return _without(app, ref, op, tuple(sorted(picked)))
    patch = _whole(app, ref, op)
    if isinstance(patch, Refused):
        return patch
    op = replace(op, patch=patch)
    refusal = _refusal(app, ref, op)
    if refusal is not None:
        return refusal
    match op.kind:
        case WriteKind.CREATE:
            return _create(app, ref, op)
        case WriteKind.UPDATE:
            return _update(app, ref, op)
        case WriteKind.DELETE:
            return _delete(app, ref, op)


def without_names(app: MemoryApp, ref: str, op: WriteOp) -> WriteResult:
    """As an app that takes names by another call, which fails: refused where there is nothing else in the patch."""
    fields = {each.field for each in app.schema.containers.values()}
    left = tuple(name for name in op.patch if name in fields)
    rest = {name: value for name, value in op.patch.items() if name not in fields}
    if left and not rest:
        return Refused("INVALID_DATA", left[0], "refused by a fault")
    done = carry_out(app, ref, replace(op, patch=rest))
    return replace(done, left=left) if isinstance(done, Done) else done


def _without(app: MemoryApp, ref: str, op: WriteOp, names: tuple[str, ...]) -> WriteResult:
    """As an app that does not take the values of these fields: the others are carried out, if there are any."""
    refused = tuple(Refused("INVALID_DATA", name, "not taken as it is") for name in names)
    rest = {name: value for name, value in op.patch.items() if name not in names}
    if not rest:
        return refused[0]
    done = carry_out(app, ref, replace(op, patch=rest))
    return replace(done, refused=refused) if isinstance(done, Done) else done


def _whole(app: MemoryApp, ref: str, op: WriteOp) -> Values | Refused:
    """The patch with names as they will stand: the wished change made to what the record is in now."""
    row = app.row(op.record_id, ref=ref)
    patch = dict(op.patch)
    if op.kind is not WriteKind.UPDATE or row is None:
        return patch
    for containers in app.schema.containers.values():
        name = containers.field
        if name not in patch:
            continue
        if op.known is None or name not in op.known.values:
            return Refused("KNOWN_NAMES_NEEDED", name, "a change of names needs the names as read just before")
        patch[name] = changed(row.values.get(name), *difference(op.known.values[name], patch[name]))
    return patch


def _refusal(app: MemoryApp, ref: str, op: WriteOp) -> WriteResult | None:
    """Why the app does not take these values, whatever the record is like; None when it does."""
    for name in op.patch:
        field = app.schema.fields.get(name)
        if field is None or not field.writable:
            return Refused("FIELD_NOT_WRITABLE", field=name)
    for required in app.schema.required:
        missing = required.name not in op.patch if op.kind is WriteKind.CREATE else False
        if missing or op.patch.get(required.name, "-") in (None, ""):
            return Refused("MANDATORY_NOT_FOUND", field=required.name)
    row = app.row(op.record_id, ref=ref)
    if (refused := refusal(app.schema, op.patch, row.values if row else {}, app.behaviour.compliance)) is not None:
        return refused
    unique = app.behaviour.unique
    wanted = op.patch.get(unique) if unique else None
    if wanted is not None:
        for row in app.rows(ref):
            if row.alive and row.values.get(unique) == wanted and row.id not in (op.record_id, op.op_id):
                return Duplicate(row.id, unique)
    return None


def _create(app: MemoryApp, ref: str, op: WriteOp) -> WriteResult:
    chosen = op.op_id if app.behaviour.client_ids else ""
    if chosen and (row := app.row(chosen, ref=ref)) is not None and row.alive:
        return _done(app, row, op)  # our own create, repeated
    record_id = app.create(op.patch, ref=ref, record_id=chosen)
    if app.behaviour.marks:
        app.marks[record_id] = op.op_id
    app.writes.append(WriteSeen(ref, op.kind, record_id, dict(op.patch)))
    return _done(app, app.living(record_id, ref=ref), op)


def _update(app: MemoryApp, ref: str, op: WriteOp) -> WriteResult:
    refusal = _precondition(app, ref, op)
    if refusal is not None:
        return refusal
    values: Values = op.patch
    if app.behaviour.whole_records:
        if op.known is None or op.known.native is None:
            return Refused("WHOLE_RECORD_NEEDED", message="an update needs the record as fetched just before")
        values = {**op.known.native, **op.patch}
    app.edit(op.record_id, values, ref=ref)
    app.writes.append(WriteSeen(ref, op.kind, op.record_id, dict(op.patch)))
    return _done(app, app.living(op.record_id, ref=ref), op)


def _delete(app: MemoryApp, ref: str, op: WriteOp) -> WriteResult:
    if not app.behaviour.deletable:
        return Refused("NOT_ALLOWED", message="records cannot be deleted here")
    refusal = _precondition(app, ref, op)
    if refusal is not None:
        return refusal
    app.delete(op.record_id, ref=ref)
    app.writes.append(WriteSeen(ref, op.kind, op.record_id, {}))
    return Done(op.record_id)


def _precondition(app: MemoryApp, ref: str, op: WriteOp) -> WriteResult | None:
    row = app.row(op.record_id, ref=ref)
    if row is None or not row.alive:
        return Conflict(gone=True)
    version = op.known.version if op.known is not None else None
    if app.behaviour.guard and version is not None and version != app.version(row):
        return Conflict()
    return None


def _done(app: MemoryApp, row: Row, op: WriteOp) -> Done:
    """The answer to a write: the fields shown are those that a reader of this record could ask for."""
    fields = tuple(op.known.values) if op.known is not None else tuple(app.schema.fields)
    shown = app.shown(row, dict.fromkeys((*fields, *op.patch)))
    stored = shown if app.behaviour.returns_record else None
    return Done(row.id, version=shown.version, modified=shown.modified, stored=stored)
