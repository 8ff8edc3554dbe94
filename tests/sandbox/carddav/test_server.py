import xml.etree.ElementTree as ET

import pytest

from zohosyncd.sandbox.wire import App, Request

D, C, CS = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}", "{http://calendarserver.org/ns/}"
BOOK = "/ann/contacts/"


def vcard(uid, name="Ann Example", *more):
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{name}", "N:Example;Ann;;;", *more, "END:VCARD"]
    return "".join(line + "\r\n" for line in lines)


def precondition(answer):
    return [child.tag for child in ET.fromstring(answer.body)]


def test_it_is_an_app_of_the_sandbox(server):
    app: App = server.app
    assert app.name == "carddav"
    assert app.prefixes == ("/.well-known/carddav", "/dav/", "/ann/", "/bob/")
    assert app.state() == {BOOK: {}, "/bob/contacts/": {}}


class TestDiscovery:
    def test_leads_from_the_well_known_address_to_the_books(self, server):
        moved = server.app.handle(Request("PROPFIND", "/.well-known/carddav"))
        assert (moved.status, moved.headers["Location"]) == (301, "/dav/")
        me = server.properties("/dav/", "<current-user-principal/>")
        principal = me.findtext(f".//{D}current-user-principal/{D}href")
        home = server.properties(principal, "<C:addressbook-home-set/>").findtext(f".//{C}addressbook-home-set/{D}href")
        books = server.properties(home, "<resourcetype/><displayname/><x:y xmlns:x='urn:z'/>", depth="1")
        kinds = {r.findtext(f"{D}href"): r.find(f".//{C}addressbook") is not None for r in books}
        assert kinds == {"/ann/": False, BOOK: True}
        missing = books[1].findall(f"{D}propstat")[1]
        assert missing.findtext(f"{D}status") == "HTTP/1.1 404 Not Found"
        assert missing.find(f"{D}prop/{{urn:z}}y") is not None

    def test_may_answer_straight_or_not_at_all(self, server):
        server.behaviour.well_known = "straight"
        assert server.properties("/.well-known/carddav", "<current-user-principal/>").find(f".//{D}href") is not None
        server.behaviour.well_known = "none"
        assert server.ask("PROPFIND", "/.well-known/carddav", depth="0").status == 404

    def test_says_what_the_server_can_do(self, server):
        assert "addressbook" in server.ask("OPTIONS", BOOK).headers["DAV"]
        names = "<supported-report-set/><C:supported-address-data/><C:max-resource-size/><sync-token/><CS:getctag/>"
        book = server.properties(BOOK, names)
        assert book.find(f".//{D}sync-collection") is not None
        assert {e.get("version") for e in book.iter(f"{C}address-data-type")} == {"3.0", "4.0"}
        assert book.findtext(f".//{C}max-resource-size") == "1000000"
        assert len(book.findall(f".//{D}propstat")) == 1

    def test_refuses_strangers_and_other_peoples_books(self, server):
        assert server.ask("PROPFIND", "/dav/", depth="0", authorization="").status == 401
        wrong = server.ask("PROPFIND", "/dav/", depth="0", authorization="Basic YW5uOng=")
        assert (wrong.status, wrong.headers["WWW-Authenticate"][:5]) == (401, "Basic")
        assert server.ask("PROPFIND", "/bob/contacts/", depth="0").status == 403

    def test_refuses_endless_depth_and_broken_xml(self, server):
        assert precondition(server.ask("PROPFIND", BOOK)) == [f"{D}propfind-finite-depth"]
        assert server.ask("PROPFIND", BOOK, "<propfind", depth="0").status == 400
        bomb = '<!DOCTYPE x [<!ENTITY a "b">]><propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
        assert server.ask("PROPFIND", BOOK, bomb, depth="0").status == 400

    def test_lists_names_or_everything_on_request(self, server):
        server.put("a.vcf", vcard("a"))
        everything = ET.fromstring(server.ask("PROPFIND", BOOK, depth="1").body)
        assert everything[1].findtext(f".//{D}getcontenttype") == "text/vcard; charset=utf-8"
        assert everything.find(f".//{D}sync-token") is None
        names = server.ask("PROPFIND", BOOK, '<propfind xmlns="DAV:"><propname/></propfind>', depth="0")
        assert ET.fromstring(names.body).find(f".//{D}sync-token") is not None


class TestCards:
    def test_are_created_read_changed_and_deleted_under_their_etag(self, server):
        created = server.put("a.vcf", vcard("a"), if_none_match="*")
        assert created.status == 201
        assert server.put("a.vcf", vcard("a"), if_none_match="*").status == 412
        read = server.ask("GET", BOOK + "a.vcf")
        assert (read.body.decode(), read.headers["ETag"]) == (vcard("a"), created.headers["ETag"])
        changed = server.put("a.vcf", vcard("a", "Ann Other"), if_match=read.headers["ETag"])
        assert changed.status == 204
        assert changed.headers["ETag"] != read.headers["ETag"]
        assert server.ask("DELETE", BOOK + "a.vcf", if_match=read.headers["ETag"]).status == 412
        assert server.ask("DELETE", BOOK + "a.vcf", if_match=changed.headers["ETag"]).status == 204
        assert server.ask("GET", BOOK + "a.vcf").status == 404
        assert server.put("a.vcf", vcard("a"), if_match="*").status == 412

    def test_need_a_uid_of_their_own(self, server):
        server.put("a.vcf", vcard("a"))
        second = server.put("b.vcf", vcard("a"))
        assert (second.status, precondition(second)) == (409, [f"{C}no-uid-conflict"])
        assert ET.fromstring(second.body).findtext(f".//{D}href") == BOOK + "a.vcf"
        assert server.put("a.vcf", vcard("other")).status == 409
        server.behaviour.unique_uids = False
        assert server.put("b.vcf", vcard("a")).status == 201

    @pytest.mark.parametrize(
        ("text", "condition"),
        [
            ("no card", "valid-address-data"),
            (vcard("a") + vcard("b"), "valid-address-data"),
            (vcard("a").replace("UID:a\r\n", ""), "valid-address-data"),
            (vcard("a", "bell \x07"), "valid-address-data"),
            (vcard("a").replace("3.0", "2.1"), "supported-address-data"),
            (vcard("a", "x" * 1_000_000), "max-resource-size"),
        ],
    )
    def test_that_are_not_valid_are_refused(self, server, text, condition):
        answer = server.put("a.vcf", text)
        assert (answer.status, precondition(answer)) == (403, [C + condition])

    def test_may_be_rewritten_by_the_server(self, server):
        server.behaviour.reserialise, server.behaviour.answer_etag_on_put = True, False
        answer = server.put(
            "a.vcf", vcard("a", "Ann", "item1.email;TYPE=INTERNET,Work:a@example.org", "X-MORE:" + "é" * 60)
        )
        assert "ETag" not in answer.headers
        text = server.app.state()[BOOK][BOOK + "a.vcf"]
        lines = text.split("\r\n")
        assert lines[:5] == ["BEGIN:VCARD", "VERSION:3.0", "UID:a", "N:Example;Ann;;;", "FN:Ann"]
        assert lines[5] == "item1.EMAIL;TYPE=internet,work:a@example.org"
        assert all(len(line.encode()) <= 75 for line in lines)
        assert text.replace("\r\n ", "").count("é") == 60

    def test_may_be_damaged_by_the_server(self, server):
        rules = [
            {"field": "FN", "do": "truncate", "length": 3},
            {"field": "N", "do": "truncate", "length": 4},
            {"field": "TEL", "do": "phone"},
            {"field": "EMAIL", "do": "upper"},
            {"field": "NOTE", "do": "drop"},
        ]
        server.app.normalise(BOOK, rules)
        server.put("a.vcf", vcard("a", "Ann", "TEL;TYPE=CELL:+49 (30) 12-34", "EMAIL:a@example.org", "NOTE:secret"))
        text = server.app.state()[BOOK][BOOK + "a.vcf"]
        assert "FN:Ann\r\nN:Exam;Ann;;;\r\nTEL;TYPE=CELL:+49301234\r\nEMAIL:A@EXAMPLE.ORG\r\nEND" in text
        with pytest.raises(ValueError, match="do must be"):
            server.app.normalise(BOOK, [{"field": "FN", "do": "reverse"}])

    def test_under_strange_names_keep_their_address(self, server):
        assert server.put("a b&é%.vcf", vcard("a")).status == 201
        (href,) = server.sync().changed
        assert href == "/ann/contacts/a%20b&%C3%A9%25.vcf"
        assert server.multiget(href.replace("&", "&amp;"))[href] == vcard("a")
        assert list(server.app.state()[BOOK]) == [href]


class TestSync:
    def test_tells_first_all_and_then_what_changed(self, server):
        for uid in "abc":
            server.put(f"{uid}.vcf", vcard(uid))
        first = server.sync()
        assert first.changed == [f"{BOOK}{uid}.vcf" for uid in "abc"]
        assert server.sync(first.token).changed == []
        server.put("b.vcf", vcard("b", "Other"))
        server.ask("DELETE", BOOK + "a.vcf")
        server.put("d.vcf", vcard("d"))
        server.ask("DELETE", BOOK + "d.vcf")
        second = server.sync(first.token)
        assert (second.changed, second.removed) == ([BOOK + "b.vcf"], [BOOK + "a.vcf", BOOK + "d.vcf"])
        assert server.sync().removed == []

    def test_comes_in_pages_that_lose_nothing(self, server):
        server.behaviour.page = 2
        for uid in "abcde":
            server.put(f"{uid}.vcf", vcard(uid))
        seen, page = [], server.sync()
        while True:
            seen += page.changed
            if not page.more:
                break
            if len(seen) == 2:
                server.put("a.vcf", vcard("a", "While reading"))
            page = server.sync(page.token)
        assert seen == [f"{BOOK}{uid}.vcf" for uid in "abcdea"]
        assert server.sync(extra="<limit><nresults>1</nresults></limit>").changed == [f"{BOOK}b.vcf"]

    def test_survives_a_log_that_was_rewritten(self, server):
        server.put("a.vcf", vcard("a"))
        token = server.sync().token
        for number in range(500):
            server.put("b.vcf", vcard("b", str(number)))
        assert server.sync(token).changed == [BOOK + "b.vcf"]

    @pytest.mark.parametrize("status", [403, 412])
    def test_refuses_a_token_that_it_does_not_know(self, server, status):
        server.behaviour.stale_token_status = status
        server.put("a.vcf", vcard("a"))
        token = server.sync().token
        server.app.forget_tokens(BOOK)
        body = f'<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><sync-level>1</sync-level><prop/></sync-collection>'
        answer = server.ask("REPORT", BOOK, body)
        assert (answer.status, precondition(answer)) == (status, [f"{D}valid-sync-token"])

    def test_forgets_tokens_that_were_not_used_for_long(self, server):
        server.behaviour.token_life = 60.0
        token = server.sync().token
        server.clock.moment += 59
        assert server.sync(token).token == token
        server.clock.moment += 61
        body = f'<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><sync-level>1</sync-level><prop/></sync-collection>'
        assert server.ask("REPORT", BOOK, body).status == 403

    def test_may_not_exist_so_that_ctag_and_etags_remain(self, server):
        server.behaviour.sync_collection = False
        body = '<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop/></sync-collection>'
        assert precondition(server.ask("REPORT", BOOK, body)) == [f"{D}supported-report"]
        assert server.properties(BOOK, "<sync-token/>").findtext(f".//{D}status") == "HTTP/1.1 404 Not Found"
        before = server.properties(BOOK, "<CS:getctag/>").findtext(f".//{CS}getctag")
        created = server.put("a.vcf", vcard("a"))
        assert server.properties(BOOK, "<CS:getctag/>").findtext(f".//{CS}getctag") != before
        listed = server.properties(BOOK, "<getetag/>", depth="1")
        assert [r.findtext(f".//{D}getetag") for r in listed][1:] == [created.headers["ETag"]]

    def test_may_list_the_book_itself(self, server):
        server.behaviour.lists_itself = True
        assert server.sync().changed == [BOOK]


class TestReports:
    def test_multiget_tells_cards_and_what_is_missing(self, server):
        server.put("a.vcf", vcard("a"))
        cards = server.multiget(BOOK + "a.vcf", BOOK + "gone.vcf", "/bob/contacts/a.vcf")
        assert cards == {BOOK + "a.vcf": vcard("a"), BOOK + "gone.vcf": None, "/bob/contacts/a.vcf": None}
        server.behaviour.crlf_in_reports = False
        assert server.multiget(BOOK + "a.vcf")[BOOK + "a.vcf"] == vcard("a").replace("\r", "")

    @pytest.mark.parametrize(
        ("condition", "hits"),
        [
            ("", "ab"),
            ('<C:prop-filter name="EMAIL"/>', "a"),
            ('<C:prop-filter name="EMAIL"><C:is-not-defined/></C:prop-filter>', "b"),
            ('<C:prop-filter name="FN"><C:text-match match-type="starts-with">bé</C:text-match></C:prop-filter>', "b"),
            ('<C:prop-filter name="FN"><C:text-match negate-condition="yes">BÉA</C:text-match></C:prop-filter>', "a"),
            (
                '<C:prop-filter name="EMAIL"><C:param-filter name="TYPE"><C:text-match>work</C:text-match></C:param-filter></C:prop-filter>',
                "a",
            ),
        ],
    )
    def test_query_finds_by_properties(self, server, condition, hits):
        server.put("a.vcf", vcard("a", "Ann", "EMAIL;TYPE=WORK:a@example.org"))
        server.put("b.vcf", vcard("b", "Béa"))
        body = (
            '<C:addressbook-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><prop><getetag/><C:address-data>'
            f'<C:prop name="FN"/></C:address-data></prop><C:filter>{condition}</C:filter></C:addressbook-query>'
        )
        root = ET.fromstring(server.ask("REPORT", BOOK, body, depth="1").body)
        assert [r.findtext(f"{D}href") for r in root] == [f"{BOOK}{uid}.vcf" for uid in hits]
        assert root[0].findtext(f".//{C}address-data").startswith("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:")


class TestBooks:
    def test_are_made_renamed_and_removed(self, server):
        body = (
            '<mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><set><prop><resourcetype><collection/>'
            "<C:addressbook/></resourcetype><displayname>Suppliers</displayname></prop></set></mkcol>"
        )
        assert server.ask("MKCOL", "/ann/suppliers/", body).status == 201
        assert server.ask("MKCOL", "/ann/suppliers/", body).status == 405
        assert server.properties("/ann/suppliers/", "<displayname/>").findtext(f".//{D}displayname") == "Suppliers"
        patch = '<propertyupdate xmlns="DAV:"><set><prop><displayname>S</displayname></prop></set></propertyupdate>'
        assert server.ask("PROPPATCH", "/ann/suppliers/", patch).status == 207
        assert server.properties("/ann/suppliers", "<displayname/>").findtext(f".//{D}displayname") == "S"
        assert server.ask("DELETE", "/ann/suppliers/").status == 204
        assert server.ask("MKCOL", "/bob/more/", body).status == 403


class TestControl:
    def test_a_person_creates_changes_and_deletes(self, server):
        made = server.app.edit({"app": "carddav", "object": BOOK, "create": {"vcard": vcard("a")}})
        assert made["href"] == BOOK + "a.vcf"
        set_ = {"object": BOOK, "id": made["href"], "set": {"vcard": vcard("a", "New")}}
        assert "FN:New" in server.app.edit(set_)["vcard"]
        token = server.sync().token
        assert server.app.edit({"object": BOOK, "id": made["href"], "delete": True})["deleted"]
        assert server.sync(token).removed == [BOOK + "a.vcf"]

    @pytest.mark.parametrize(
        ("command", "reason"),
        [
            ({"object": "/no/"}, "no address book"),
            ({"object": BOOK}, "exactly one"),
            ({"object": BOOK, "create": {"vcard": "x"}}, "not a vCard"),
            ({"object": BOOK, "id": BOOK + "x.vcf", "delete": True}, "no such card"),
            ({"object": BOOK, "id": "/elsewhere", "delete": True}, "an href of this book"),
        ],
    )
    def test_a_wrong_edit_says_why(self, server, command, reason):
        with pytest.raises(ValueError, match=reason):
            server.app.edit(command)

    def test_calls_are_counted_by_template(self, server):
        templates = [
            ("/ann/contacts/a.vcf", "GET /ann/contacts/{card}"),
            ("/ann/contacts", "GET /ann/contacts/"),
            ("/dav/principals/ann/", "GET /dav/principals/ann/"),
            ("/ann/what/ever.vcf", "GET /{path}"),
        ]
        for path, template in templates:
            assert server.app.template(Request("GET", path)) == template

    def test_emptied_answers_hide_all_cards_without_skipping_them(self, server):
        server.put("a.vcf", vcard("a"))
        body = '<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>'
        root = ET.fromstring(server.app.emptied(server.request("REPORT", BOOK, body)).body)
        assert root.find(f"{D}response") is None
        assert server.sync(root.findtext(f"{D}sync-token")).changed == [BOOK + "a.vcf"]
        assert server.app.emptied(server.request("GET", BOOK + "a.vcf")).status == 404
        listing = ET.fromstring(server.app.emptied(server.request("PROPFIND", BOOK, depth="1")).body)
        assert len(listing) == 1

    def test_a_share_of_rows_is_refused(self, server):
        for number in range(100):
            server.put(f"{number}.vcf", vcard(str(number)))
        hrefs = "".join(f"<href>{BOOK}{number}.vcf</href>" for number in range(100))
        body = (
            '<C:addressbook-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><prop><getetag/></prop>'
            f"{hrefs}</C:addressbook-multiget>"
        )
        root = ET.fromstring(server.app.refused_rows(server.request("REPORT", BOOK, body), 0.5, "503").body)
        refused = [r for r in root if " 503 " in r.findtext(f"{D}status", "")]
        assert 30 < len(refused) < 70
        write = server.request("PUT", BOOK + "z.vcf", vcard("z"))
        assert server.app.refused_rows(write, 1.0, "INVALID_DATA").status == 403
        assert BOOK + "z.vcf" not in server.app.state()[BOOK]


def test_a_large_book_is_listed_in_pages(server):
    server.app.load(BOOK, {f"{BOOK}{number}.vcf": vcard(str(number)) for number in range(20_000)})
    page, rows = server.sync(), 0
    while True:
        rows += len(page.changed)
        if not page.more:
            break
        page = server.sync(page.token)
    for number in range(200):
        server.put(f"{number}.vcf", vcard(str(number), "New"))
    assert rows == 20_000
    assert len(server.sync(page.token).changed) == 200
