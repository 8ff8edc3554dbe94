"""From the configured address to the address books."""

import pytest

from zohosyncd.core.errors import AuthLost, ContractBroken, PermissionLacking, UsageError

from .conftest import BOOK, HOST, Script, found, multistatus, status

CONTEXT = found("/dav/", "<d:current-user-principal><d:href>/dav/p/ann/</d:href></d:current-user-principal>")
PRINCIPAL = found("/dav/p/ann/", "<c:addressbook-home-set><d:href>/dav/b/ann/</d:href></c:addressbook-home-set>")
HOME = multistatus(
    found("/dav/b/ann/", "<d:resourcetype><d:collection/></d:resourcetype>"),
    BOOK.replace("/book/", "/dav/b/ann/j%c3%b6rg's%20book"),
    BOOK.replace("/book/", "http://internal:8080/dav/b/ann/two/").replace(">Book<", ">Two<"),
)


def whole(script: Script) -> Script:
    script.on("PROPFIND /.well-known/carddav", status(301, location="/dav/"))
    script.on("PROPFIND /dav/", multistatus(CONTEXT))
    script.on("PROPFIND /dav/p/ann/", multistatus(PRINCIPAL))
    script.on("PROPFIND /dav/b/ann/", HOME)
    return script


@pytest.mark.parametrize("path", ["/", "/dav/", "/dav/p/ann/", "/nothing/here/"])
async def test_books_are_found_from_anywhere(script: Script, path: str) -> None:
    connector = whole(script).connector(HOST + path)
    assert await connector.objects() == {"/dav/b/ann/j%C3%B6rg's%20book/": "Book", "/dav/b/ann/two/": "Two"}
    assert await connector.resolve("Two") == "/dav/b/ann/two/"
    assert await connector.resolve("jörg's book") == "/dav/b/ann/j%C3%B6rg's%20book/"
    assert (await connector.check()).identity == "127.0.0.1/dav/p/ann/"


async def test_an_address_of_one_book_is_that_book(script: Script) -> None:
    connector = script.connector()
    assert await connector.resolve("") == "/book/"
    assert await connector.resolve("Book") == "/book/"


async def test_several_books_want_a_name(script: Script) -> None:
    with pytest.raises(UsageError) as caught:
        await whole(script).connector(f"{HOST}/").resolve("")
    assert "Two (/dav/b/ann/two/)" in str(caught.value)


async def test_the_login_is_not_shown_to_another_host(script: Script) -> None:
    whole(script)
    moved = PRINCIPAL.replace("/dav/b/ann/", "https://p7.example.com/b/")
    script.on("PROPFIND /dav/p/ann/", multistatus(moved))
    with pytest.raises(PermissionLacking) as caught:
        await script.connector(f"{HOST}/").check()
    assert "https://p7.example.com/" in str(caught.value)
    assert {each.url.startswith(HOST) for each in script.sent} == {True}


async def test_a_redirect_to_another_host_is_not_followed(script: Script) -> None:
    script.on("PROPFIND /.well-known/carddav", status(301, location="https://evil.example/"))
    with pytest.raises(ContractBroken):
        await script.connector(f"{HOST}/").check()
    assert len(script.sent) == 1


async def test_what_is_no_carddav_server_is_said(script: Script) -> None:
    with pytest.raises(ContractBroken) as caught:
        await script.connector(f"{HOST}/").check()
    assert "url" in caught.value.hint


async def test_a_refused_password_is_lost_authorisation(script: Script) -> None:
    script.on("PROPFIND /book/", status(401))
    with pytest.raises(AuthLost):
        await script.connector().check()


@pytest.mark.parametrize(
    "body",
    [
        "<html>login</html>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><d:multistatus xmlns:d='DAV:'/>",
        "<d:",
        "<d:multistatus xmlns:d='DAV:'>" + "<d:x>" * 200 + "</d:x>" * 200 + "</d:multistatus>",
    ],
    ids=["page", "entities", "broken", "deep"],
)
async def test_an_answer_that_is_no_multistatus_is_not_believed(script: Script, body: str) -> None:
    script.on("PROPFIND /book/", status(207, body, content_type="application/xml"))
    with pytest.raises(ContractBroken):
        await script.connector().check()
