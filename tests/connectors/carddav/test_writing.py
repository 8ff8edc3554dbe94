"""What becomes of writes: every documented answer, and none at all."""

import pytest

from zohosyncd.core.errors import AuthLost
from zohosyncd.core.record import Record, Values
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    Duplicate,
    NotSent,
    Pending,
    Refused,
    Unknown,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.transport.sender import Answered, Lost, Undelivered

from .conftest import Script, card, error, gone, multistatus, shown, status

OP_ID = "0123456789abcdef0123456789abcdef"
UID = "01234567-89ab-cdef-0123-456789abcdef"
NEW = f"/book/{OP_ID}.vcf"
OLD = "/book/a.vcf"
PATCH: Values = {"N.given": "Ann"}


def create(op_id: str = OP_ID) -> WriteOp:
    return WriteOp(op_id, WriteKind.CREATE, "", PATCH)


def update(patch: Values = PATCH) -> WriteOp:
    return WriteOp(OP_ID, WriteKind.UPDATE, OLD, patch, Record(OLD, {}, '"1"', native=card("Bob")))


async def result(script: Script, op: WriteOp) -> WriteResult:
    (answer,) = await script.connector().write("/book/", [op])
    return answer


async def test_a_create_carries_our_name_and_uid_and_is_read_back(script: Script) -> None:
    script.on(f"PUT {NEW}", status(201, etag='"1"'))
    script.on("REPORT /book/", multistatus(shown(NEW, '"1"', card("ANN", UID))))
    done = await result(script, create())
    assert isinstance(done, Done)
    assert done.stored is not None
    assert (done.id, done.version, done.stored.values["N.given"]) == (NEW, '"1"', "ANN")
    (put,) = script.requests("PUT")
    assert put.headers["If-None-Match"] == "*"
    assert f"UID:{UID}\r\n".encode() in put.body


@pytest.mark.parametrize(
    ("outcome", "expected"), [(Lost("reset"), Unknown), (status(503), Unknown), (Undelivered("refused"), NotSent)]
)
async def test_no_readable_answer(script: Script, outcome: object, expected: type) -> None:
    script.on(f"PUT {NEW}", outcome)  # type: ignore[arg-type]
    assert isinstance(await result(script, create()), expected)


async def test_a_repeated_create_finds_itself_and_does_not_take_anothers_edit_for_its_own(script: Script) -> None:
    script.on(f"PUT {NEW}", status(412))
    script.on("REPORT /book/", multistatus(shown(NEW, '"7"', card("Edited by a person", UID))))
    assert await result(script, create()) == Done(NEW)
    script.on("REPORT /book/", multistatus(shown(NEW, '"7"', card("Foreign", "another"))))
    assert isinstance(await result(script, create()), Refused)


async def test_a_server_that_moved_our_card_names_it_by_its_uid(script: Script) -> None:
    conflict = error(409, "c:no-uid-conflict", "<d:href>/book/moved.vcf</d:href>")
    script.on(f"PUT {NEW}", conflict)
    script.on("REPORT /book/", multistatus(shown("/book/moved.vcf", '"7"', card("Ann", UID))))
    assert await result(script, create()) == Done("/book/moved.vcf")
    script.on(f"PUT {NEW}", error(409, "c:no-uid-conflict"))
    assert await result(script, create()) == Duplicate(None, "UID")


async def test_a_server_may_choose_another_path(script: Script) -> None:
    script.on(f"PUT {NEW}", status(201, location="http://127.0.0.1:1/book/chosen.vcf"))
    script.on("REPORT /book/", multistatus(shown("/book/chosen.vcf", '"1"', card("Ann", UID))))
    done = await result(script, create())
    assert isinstance(done, Done)
    assert (done.id, done.version) == ("/book/chosen.vcf", None)
    assert done.stored is not None


async def test_an_edit_between_our_put_and_the_read_back_is_not_shown_as_what_was_stored(script: Script) -> None:
    script.on(f"PUT {OLD}", status(204, etag='"2"'))
    script.on("REPORT /book/", multistatus(shown(OLD, '"3"', card("Edited by a person"))))
    assert await result(script, update()) == Done(OLD, '"2"')


async def test_a_read_back_that_fails_does_not_undo_the_write(script: Script) -> None:
    script.on(f"PUT {OLD}", status(204, etag='"2"'))
    script.on("REPORT /book/", status(500))
    assert await result(script, update()) == Done(OLD, '"2"')


async def test_a_conflict_tells_whether_the_card_is_gone(script: Script) -> None:
    script.on(f"PUT {OLD}", status(412))
    script.on("REPORT /book/", multistatus(gone(OLD)))
    assert await result(script, update()) == Conflict(gone=True)
    script.on("REPORT /book/", multistatus(shown(OLD, '"3"', card("Bob"))))
    assert await result(script, update()) == Conflict(gone=False)
    script.on(f"PUT {OLD}", status(404))
    assert await result(script, update()) == Conflict(gone=True)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (error(403, "c:valid-address-data"), Refused("valid-address-data", message="the server does not allow it")),
        (error(403, "c:max-resource-size"), Refused("max-resource-size", message="the server does not allow it")),
        (status(403), Refused("403", message="the server does not allow it")),
        (status(413), Refused("413", message="the card is too large")),
        (status(415), Refused("415", message="the server does not store this kind of card")),
        (status(423), Pending("locked")),
    ],
)
async def test_documented_refusals(script: Script, answer: Answered, expected: WriteResult) -> None:
    script.on(f"PUT {OLD}", answer)
    assert await result(script, update()) == expected


async def test_ops_that_are_never_sent(script: Script) -> None:
    for op in (
        WriteOp(OP_ID, WriteKind.UPDATE, OLD, PATCH, Record(OLD, {}, None, native=card("Bob"))),
        WriteOp(OP_ID, WriteKind.DELETE, OLD, {}, None),
        update({"BDAY": "yesterday"}),
        update({"X-UNKNOWN": "x"}),
    ):
        assert isinstance(await result(script, op), Refused)
    assert not script.requests("PUT")
    assert not script.requests("DELETE")


async def test_a_login_refused_for_all_is_raised_and_for_some_is_not_sent(script: Script) -> None:
    other = "f" * 32
    script.on(f"PUT {NEW}", status(401))
    script.on(f"PUT /book/{other}.vcf", status(401))
    with pytest.raises(AuthLost):
        await script.connector().write("/book/", [create(), create(other)])
    script.on(f"PUT {NEW}", status(201, etag='"1"'))
    script.on("REPORT /book/", multistatus(shown(NEW, '"1"', card("Ann"))))
    first, second = await script.connector().write("/book/", [create(), create(other)])
    assert isinstance(first, Done)
    assert (first.id, first.version) == (NEW, '"1"')
    assert isinstance(second, NotSent)


async def test_a_server_that_locks_the_book_is_written_one_by_one(script: Script) -> None:
    other = "f" * 32
    script.on(f"PUT {NEW}", status(423), status(201, etag='"1"'))
    script.on(f"PUT /book/{other}.vcf", status(201, etag='"1"'))
    made = [shown(href, '"1"', card("Ann")) for href in (NEW, f"/book/{other}.vcf")]
    script.on("REPORT /book/", multistatus(*made))
    results = await script.connector().write("/book/", [create(), create(other)])
    assert [type(each) for each in results] == [Done, Done]


async def test_a_new_card_that_is_called_stored_and_not_shown_may_not_be_there(script: Script) -> None:
    script.on(f"PUT {NEW}", status(201, etag='"1"'))
    script.on("REPORT /book/", multistatus(gone(NEW)))
    (result,) = await script.connector().write("/book/", [create()])
    assert isinstance(result, Unknown)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_page_that_says_fine_is_no_answer_to_a_write(script: Script, method: str) -> None:
    page = status(200, "<html>Please log in</html>", content_type="text/html; charset=utf-8")
    script.on(f"{method} {NEW}", page)
    script.on("REPORT /book/", multistatus(shown(NEW, '"1"', card("Ann"))))
    op = create() if method == "PUT" else WriteOp("0" * 32, WriteKind.DELETE, NEW, {}, Record(NEW, {}, '"1"'))
    (result,) = await script.connector().write("/book/", [op])
    assert isinstance(result, Unknown)
