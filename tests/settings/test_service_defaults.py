"""What the service is where its file says nothing."""

from typing import Any

from zohosyncd.core.addresses import names_this_machine
from zohosyncd.settings.service import Service, with_environment


def test_metrics_and_status_are_for_this_machine_and_hooks_are_off_unless_told(tmp_path: Any) -> None:
    said = with_environment({"state_key": "credential:state-key"}, tmp_path, {})
    service = Service.model_validate(said)
    assert names_this_machine(service.listen.host)
    assert service.hooks_listen is None
    assert service.public_url is None
