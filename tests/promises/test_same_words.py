"""What an operator can write and what the core decides from are the same words."""

from typing import get_args

from zohosyncd.core import consent
from zohosyncd.core.rules import language
from zohosyncd.settings import actions
from zohosyncd.settings.comparisons import OPERATORS
from zohosyncd.settings.consent import Consent


def test_rules_have_one_set_of_operators_and_moments() -> None:
    assert set(OPERATORS) == set(language.Operator)
    assert set(actions.On) == set(language.On)


def test_consent_is_said_in_one_set_of_words() -> None:
    assert set(get_args(Consent.model_fields["new"].annotation)) == set(consent.NewMember)
    assert set(get_args(actions.Opt.model_fields["opt"].annotation)) == set(consent.Opt)
