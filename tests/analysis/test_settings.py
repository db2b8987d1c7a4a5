"""Settings from the command line."""

from __future__ import annotations

import pytest

from inspector.analysis.settings import Settings, parse_settings
from inspector.errors import UsageError


def test_named_values_replace_the_defaults() -> None:
    assert parse_settings(("ping-interval=4", "capacity = 10")) == Settings(ping_interval=4.0, capacity=10)
    assert parse_settings(()) == Settings()


@pytest.mark.parametrize("wrong", ["ping=4", "slow", "slow=", "slow=-1", "slow=0", "slow=nan", "slow=inf", "=1"])
def test_what_is_no_setting_is_refused_with_the_names_that_exist(wrong: str) -> None:
    with pytest.raises(UsageError, match="ping_timeout"):
        parse_settings((wrong,))
