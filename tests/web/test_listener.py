"""The listener: four pages, which change nothing."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from zohosyncd.core.errors import SettingsError, StateError
from zohosyncd.settings import Listen, SecretRef, Service, Settings
from zohosyncd.telemetry.metrics import Metrics
from zohosyncd.web.listener import open_listener


class Patient:
    """A daemon of which a test says how it is."""

    def __init__(self) -> None:
        self.metrics = Metrics("1.2.3", process=False)
        self.commands = self
        self.alive = self.working = True
        self.failure: StateError | None = None

    def live(self) -> bool:
        return self.alive

    async def ready(self) -> bool:
        return self.working

    async def refresh_metrics(self) -> None:
        self.metrics.store_size.set(42)

    async def status(self) -> dict[str, Any]:
        if self.failure is not None:
            raise self.failure
        return {"ready": self.working}


def settings(port: int = 0, host: str = "127.0.0.1") -> Settings:
    service = Service(listen=Listen(host, port), state_key=SecretRef("env", "KEY"))
    return Settings(Path("/etc/zohosyncd"), service)


@asynccontextmanager
async def listening(patient: Patient) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        open_listener(patient, settings()) as listen,
        aiohttp.ClientSession(f"http://{listen.host}:{listen.port}") as http,
    ):
        yield http


async def test_health_follows_the_daemon() -> None:
    patient = Patient()
    async with listening(patient) as http:
        for page, attribute in (("/livez", "alive"), ("/readyz", "working")):
            async with http.get(page) as answer:
                assert answer.status == 200
            setattr(patient, attribute, False)
            async with http.get(page) as answer:
                assert answer.status == 503


async def test_metrics_are_as_prometheus_reads_them_and_fresh() -> None:
    async with listening(Patient()) as http:
        async with http.get("/metrics", headers={"Accept": "text/plain"}) as answer:
            page = await answer.text()
            assert answer.headers["Content-Type"].startswith("text/plain")
        assert 'zohosyncd_build_info{python="' in page
        assert "zohosyncd_store_size_bytes 42.0" in page
        async with http.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}) as answer:
            assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
            assert (await answer.text()).endswith("# EOF\n")


async def test_status_is_json_and_keeps_for_itself_why_there_is_none() -> None:
    patient = Patient()
    async with listening(patient) as http:
        async with http.get("/status") as answer:
            assert (await answer.json())["ready"] is True
        patient.failure = StateError("the state cannot be read", hint="is the disk full?")
        async with http.get("/status") as answer:
            assert answer.status == 503
            assert "disk" not in await answer.text()


@pytest.mark.parametrize("page", ["/", "/metrics/", "/approve", "/_sandbox/state", "/control"])
async def test_nothing_else_is_there(page: str) -> None:
    async with listening(Patient()) as http, http.get(page) as answer:
        assert answer.status == 404


@pytest.mark.parametrize("page", ["/metrics", "/livez", "/status"])
async def test_nothing_can_be_changed(page: str) -> None:
    async with listening(Patient()) as http, http.post(page) as answer:
        assert answer.status == 405


async def test_a_taken_port_is_told_at_its_key() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"127\.0\.0\.1:{port} is in use") as caught:
            async with open_listener(Patient(), settings(port)):
                pass
    assert caught.value.key == "service.listen"
    assert caught.value.file == "/etc/zohosyncd/zohosyncd.toml"


async def test_an_address_of_another_machine_is_told_too() -> None:
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1:0 cannot be used: [a-z ]+"):
        async with open_listener(Patient(), settings(0, "192.0.2.1")):
            pass
