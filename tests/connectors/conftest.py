"""Assertions of the contract suite are rewritten like those of test modules."""

import pytest

pytest.register_assert_rewrite("tests.connectors.contract")
