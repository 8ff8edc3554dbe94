"""Every connector states each capability, or the reason why it has it not."""

import pytest

from zohosyncd.connectors.registry import SPECS
from zohosyncd.connectors.tools import ConnectorSpec

EACH = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)


@EACH
def test_each_capability_is_stated_or_its_lack_is_explained(spec: ConnectorSpec) -> None:
    unexplained = spec.offers.lacking - spec.offers.without.keys()
    assert not unexplained, f"OFFERS of {spec.name} neither state these nor say in `without` why not"
    contradicted = spec.offers.without.keys() - spec.offers.lacking
    assert not contradicted, f"OFFERS of {spec.name} state these and say why not"


@EACH
def test_a_reason_is_a_phrase_that_fits_a_table(spec: ConnectorSpec) -> None:
    for capability, reason in spec.offers.without.items():
        assert 10 <= len(reason) <= 120, (capability, reason)
        assert reason == reason.strip().removesuffix("."), (capability, reason)
        assert "\n" not in reason


def test_every_app_has_a_name_of_its_own() -> None:
    assert len({spec.name for spec in SPECS}) == len({spec.title for spec in SPECS}) == len(SPECS)
