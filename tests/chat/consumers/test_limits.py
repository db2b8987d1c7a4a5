from __future__ import annotations

from inspector.chat.consumers.limits import REFUSALS_BEFORE_CLOSE, Limiter


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    now = 0.0
    limiter = Limiter(10, clock=lambda: now)
    assert [limiter.take() for _ in range(21)] == [True] * 20 + [False]
    now = 1.05
    assert [limiter.take() for _ in range(11)] == [True] * 10 + [False]


def test_rest_does_not_save_up_more_than_a_burst() -> None:
    now = 0.0
    limiter = Limiter(10, clock=lambda: now)
    now = 1000.0
    assert sum(limiter.take() for _ in range(100)) == 20


def test_who_goes_on_is_closed() -> None:
    limiter = Limiter(1, clock=lambda: 0.0)
    for _ in range(2 + REFUSALS_BEFORE_CLOSE - 1):
        limiter.take()
    assert not limiter.exhausted
    limiter.take()
    assert limiter.exhausted
