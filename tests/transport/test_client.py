"""What the client makes of outcomes: reads are repeated, writes never blindly."""

from dataclasses import replace
from typing import Any

import pytest

from zohosyncd.core.errors import AuthLost, ContractBroken, PermissionLacking, RateLimited, Unavailable
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.auth import BasicAuth
from zohosyncd.transport.call import Call
from zohosyncd.transport.limits import Limits
from zohosyncd.transport.retry import RetryPolicy
from zohosyncd.transport.sender import CERTIFICATE, TOO_LARGE, Answered, Lost, Undelivered

URL = "https://api.example.com/things?x=1"
READ = Call("GET", URL, "/things", content="json")
WRITE = Call("POST", URL, "/things", body=b"{}", accept=frozenset({201}), content="json")
PAGE = Answered(200, {"content-type": "text/html"}, b"<!DOCTYPE html><html>back soon</html>")


class TestReads:
    async def test_an_answer_comes_back_with_where_it_came_from(
        self, client_of: Any, scripted: Any, answer: Any
    ) -> None:
        got = await client_of(scripted(answer(body=b"[1]"))).read(READ)
        assert (got.status, got.body, got.url) == (200, b"[1]", URL)

    @pytest.mark.parametrize("trouble", [Lost("connection lost"), Undelivered("no connection"), Answered(503)])
    async def test_trouble_is_waited_out_with_growing_full_jitter(
        self, client_of: Any, scripted: Any, answer: Any, entropy: Any, clock: Any, trouble: Any
    ) -> None:
        sender = scripted(trouble, trouble, trouble, answer())
        assert (await client_of(sender).read(READ)).status == 200
        assert entropy.asked == [(0.0, 0.5), (0.0, 1.0), (0.0, 2.0)]
        assert clock.slept == [0.5, 1.0, 2.0]
        assert len(sender.sent) == 4

    @pytest.mark.parametrize(
        ("trouble", "why"),
        [
            (Lost("connection lost"), "lost"),
            (Undelivered("no connection"), "unavailable"),
            (Answered(503), "unavailable"),
        ],
    )
    async def test_who_watches_is_told_why_it_is_sent_again(
        self, client_of: Any, scripted: Any, answer: Any, watching: Any, trouble: Any, why: str
    ) -> None:
        await client_of(scripted(trouble, answer())).read(READ)
        assert watching.waits == [(why, 0.5)]

    async def test_trouble_without_end_is_unavailable(self, client_of: Any, scripted: Any) -> None:
        for trouble in (Lost("connection lost"), Undelivered("connection refused"), Answered(500)):
            sender = scripted(trouble)
            with pytest.raises(Unavailable):
                await client_of(sender).read(READ)
            assert len(sender.sent) == RetryPolicy().attempts

    async def test_all_tries_together_keep_the_deadline(self, client_of: Any, scripted: Any, clock: Any) -> None:
        class Slow(scripted):  # type: ignore[misc]
            async def send(self, request: Any) -> Any:
                clock.moment += request.deadline
                return await super().send(request)

        sender, start = Slow(Lost("deadline")), clock.moment
        with pytest.raises(Unavailable):
            await client_of(sender, retry=RetryPolicy(attempts=50, total=100.0), limits=Limits(timeout=40.0)).read(READ)
        assert clock.moment - start <= 100.0
        assert [round(each.deadline) for each in sender.sent] == [40, 40, 18]

    async def test_retry_after_of_a_failing_app_is_kept(
        self, client_of: Any, scripted: Any, answer: Any, clock: Any
    ) -> None:
        await client_of(scripted(answer(503, retry_after="7"), answer())).read(READ)
        assert clock.slept == [7.0]

    async def test_a_page_in_place_of_data_breaks_the_contract(self, client_of: Any, scripted: Any) -> None:
        sender = scripted(PAGE)
        with pytest.raises(ContractBroken, match="not the API"):
            await client_of(sender).read(READ)
        assert len(sender.sent) == 1

    async def test_an_unexpected_status_breaks_the_contract(self, client_of: Any, scripted: Any, answer: Any) -> None:
        with pytest.raises(ContractBroken, match="418"):
            await client_of(scripted(answer(418))).read(READ)

    async def test_an_answer_too_large_is_not_read_again(self, client_of: Any, scripted: Any) -> None:
        sender = scripted(Lost(TOO_LARGE))
        with pytest.raises(ContractBroken, match="larger"):
            await client_of(sender).read(READ)
        assert len(sender.sent) == 1

    async def test_a_refused_certificate_is_no_reason_to_hurry(self, client_of: Any, scripted: Any) -> None:
        sender = scripted(Undelivered(CERTIFICATE))
        with pytest.raises(Unavailable, match="expired"):
            await client_of(sender).read(READ)
        assert len(sender.sent) == 1

    async def test_a_missing_right_is_named(self, client_of: Any, scripted: Any, answer: Any) -> None:
        with pytest.raises(PermissionLacking):
            await client_of(scripted(answer(403))).read(READ)

    async def test_a_status_that_the_connector_understands_is_its_own(
        self, client_of: Any, scripted: Any, answer: Any
    ) -> None:
        call = Call("PUT", URL, "/things", accept=frozenset({403, 412, 503}))
        for status in (403, 412, 503):
            assert (await client_of(scripted(answer(status))).read(call)).status == status


class TestWrites:
    async def test_an_answer_comes_back(self, client_of: Any, scripted: Any, answer: Any) -> None:
        assert (await client_of(scripted(answer(201))).write(WRITE)).status == 201

    @pytest.mark.parametrize(
        "doubtful",
        [Lost("connection lost"), Lost("deadline"), Lost(TOO_LARGE), Answered(500), Answered(502), Answered(503),
         Answered(408), PAGE, Answered(201, {}, PAGE.body), Answered(302, {"location": "/login"})],
        ids=str,
    )  # fmt: skip
    async def test_doubt_is_reported_and_never_repeated(self, client_of: Any, scripted: Any, doubtful: Any) -> None:
        sender = scripted(doubtful)
        assert isinstance(await client_of(sender).write(WRITE), Unknown)
        assert len(sender.sent) == 1

    async def test_what_never_left_is_sent_again(self, client_of: Any, scripted: Any, answer: Any) -> None:
        sender = scripted(Undelivered("no connection"), answer(201))
        assert (await client_of(sender).write(WRITE)).status == 201

    async def test_what_never_leaves_is_not_sent(self, client_of: Any, scripted: Any) -> None:
        assert await client_of(scripted(Undelivered("name not found"))).write(WRITE) == NotSent("name not found")

    async def test_doubt_after_a_repetition_is_doubt(self, client_of: Any, scripted: Any, answer: Any) -> None:
        sender = scripted(answer(429, retry_after="1"), Lost("deadline"), answer(201))
        assert await client_of(sender).write(WRITE) == Unknown("deadline")
        assert len(sender.sent) == 2

    async def test_a_client_error_says_that_nothing_was_done(self, client_of: Any, scripted: Any, answer: Any) -> None:
        assert (await client_of(scripted(answer(409))).write(WRITE)).status == 409

    async def test_a_missing_right_is_raised(self, client_of: Any, scripted: Any, answer: Any) -> None:
        with pytest.raises(PermissionLacking):
            await client_of(scripted(answer(403))).write(WRITE)


class TestLimits:
    async def test_an_app_that_asks_for_a_short_wait_gets_it(
        self, client_of: Any, scripted: Any, answer: Any, clock: Any
    ) -> None:
        for send in ("read", "write"):
            client = client_of(scripted(answer(429, retry_after="3"), answer(200)))
            assert (await getattr(client, send)(READ)).status == 200
        assert clock.slept == [3.5, 3.5]

    async def test_a_long_wait_is_the_callers(self, client_of: Any, scripted: Any, answer: Any) -> None:
        sender = scripted(answer(429, retry_after="999999999"), answer())
        client = client_of(sender)
        with pytest.raises(RateLimited) as caught:
            await client.read(READ)
        assert 3600.0 <= (caught.value.retry_after or 0.0) <= 3601.0
        with pytest.raises(RateLimited):
            await client.write(WRITE)
        assert len(sender.sent) == 1, "the app is left alone until then"

    async def test_an_http_date_is_understood(self, client_of: Any, scripted: Any, answer: Any, clock: Any) -> None:
        await client_of(scripted(answer(429, retry_after="Fri, 15 Jan 2027 08:00:10 GMT"), answer())).read(READ)
        assert clock.slept == [10.5]

    async def test_without_a_header_the_wait_is_ours(
        self, client_of: Any, scripted: Any, answer: Any, watching: Any
    ) -> None:
        with pytest.raises(RateLimited):
            await client_of(scripted(answer(429))).read(READ)
        assert watching.waits == [("rate_limited", each) for each in (0.5, 1.0, 2.0, 4.0)]

    async def test_requests_are_spaced(self, client_of: Any, scripted: Any, answer: Any, clock: Any) -> None:
        client = client_of(scripted(answer()), limits=Limits(per_second=4.0))
        for _ in range(3):
            await client.read(READ)
        assert clock.slept == [0.25, 0.25]

    async def test_heavy_requests_are_spaced_by_themselves(
        self, client_of: Any, scripted: Any, answer: Any, clock: Any
    ) -> None:
        client = client_of(scripted(answer()), limits=Limits(heavy_per_second=2.0))
        heavy = replace(READ, heavy=True)
        for call in (heavy, READ, READ, heavy, READ, heavy):
            await client.read(call)
        assert clock.slept == [0.5, 0.5]


class TestLogin:
    async def test_a_refused_token_is_renewed_once(
        self, client_of: Any, scripted: Any, answer: Any, tokens: Any
    ) -> None:
        for send in ("read", "write"):
            sender = scripted(answer(401), answer())
            assert (await getattr(client_of(sender, tokens), send)(READ)).status == 200
            first, second = (each.headers["Authorization"] for each in sender.sent)
            assert first != second

    async def test_a_fresh_token_gets_a_little_time_to_spread(
        self, client_of: Any, scripted: Any, answer: Any, tokens: Any, clock: Any
    ) -> None:
        sender = scripted(answer(401), answer(401), answer())
        assert (await client_of(sender, tokens).read(READ)).status == 200
        assert clock.slept == [5.0]
        assert tokens.number == 2

    async def test_then_the_login_is_lost(self, client_of: Any, scripted: Any, answer: Any, tokens: Any) -> None:
        sender = scripted(answer(401))
        with pytest.raises(AuthLost):
            await client_of(sender, tokens).write(WRITE)
        assert len(sender.sent) == 3

    async def test_a_password_is_tried_once(self, client_of: Any, scripted: Any, answer: Any, clock: Any) -> None:
        sender = scripted(answer(401))
        for send in ("read", "write"):
            sender.sent.clear()
            with pytest.raises(AuthLost, match="crm"):
                await getattr(client_of(sender, BasicAuth("ann", "pässword")), send)(READ)
            assert [each.headers["Authorization"] for each in sender.sent] == ["Basic YW5uOnDDpHNzd29yZA=="]
        assert clock.slept == []


class TestOtherServers:
    async def test_a_redirect_to_the_same_server_is_followed(self, client_of: Any, scripted: Any, answer: Any) -> None:
        sender = scripted(Answered(301, {"location": "/other"}), answer())
        assert (await client_of(sender).read(READ)).url == "https://api.example.com/other"
        sender = scripted(Answered(307, {"location": "/other"}), answer(201))
        assert (await client_of(sender).write(WRITE)).status == 201
        assert sender.sent[1].body == WRITE.body

    async def test_a_redirect_elsewhere_is_refused_and_nothing_is_sent_there(
        self, client_of: Any, scripted: Any, tokens: Any
    ) -> None:
        for target in ("https://evil.example.net/", "http://api.example.com/", "//api.example.com:8443/"):
            sender = scripted(Answered(302, {"location": target}))
            with pytest.raises(ContractBroken, match="another server"):
                await client_of(sender, tokens).read(READ)
            assert len(sender.sent) == 1

    async def test_a_redirect_in_a_circle_ends(self, client_of: Any, scripted: Any) -> None:
        with pytest.raises(ContractBroken):
            await client_of(scripted(Answered(302, {"location": URL}))).read(READ)

    async def test_the_login_is_never_shown_to_a_server_that_is_not_the_apps(
        self, client_of: Any, scripted: Any, tokens: Any
    ) -> None:
        sender = scripted(Answered(200))
        with pytest.raises(ContractBroken):
            await client_of(sender, tokens).read(Call("GET", "https://evil.example.net/", "/"))
        assert isinstance(await client_of(sender, tokens).write(Call("PUT", "https://evil.example.net/", "/")), NotSent)
        assert sender.sent == []


async def test_every_try_is_told_without_personal_data(
    client_of: Any, scripted: Any, answer: Any, watching: Any
) -> None:
    await client_of(scripted(Lost("deadline"), answer(body=b"[]"))).read(READ)
    assert [(each.method, each.template, each.result, each.received) for each in watching.attempts] == [
        ("GET", "/things", "lost", 0),
        ("GET", "/things", "200", 2),
    ]
    assert watching.under_way == 0
    assert "x=1" not in repr(watching.attempts)
