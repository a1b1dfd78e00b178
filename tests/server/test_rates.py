"""How often somebody may ask. Run: pytest tests/server/test_rates.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.errors import TooMany
from epochal.server.rates import BURST_S, FREE_TRIES, LONGEST_WAIT_S, Rates, Tries


@given(rate=st.floats(0.1, 50), gaps=st.lists(st.floats(0, 2), max_size=60))
def test_rates__let_no_more_through_than_the_rate_and_one_burst(rate: float, gaps: list[float]) -> None:
    now, passed, waits = [0.0], 0, [1 / rate]
    rates = Rates(rate, clock=lambda: now[0])
    for gap in gaps:
        now[0] += gap
        try:
            rates.take("somebody")
            passed += 1
        except TooMany as error:
            waits.append(error.retry_after_s)
    assert 0 < min(waits) <= max(waits) == 1 / rate
    assert passed <= rate * (BURST_S + now[0]) + 1e-6


def test_rates__say_when_to_come_again_and_keep_people_apart() -> None:
    now = [0.0]
    rates = Rates(0.2, clock=lambda: now[0])
    rates.take("a")
    rates.take("a")
    with pytest.raises(TooMany) as caught:
        rates.take("a")
    rates.take("b")
    now[0] += caught.value.retry_after_s
    rates.take("a")


def test_rates__of_zero_never_refuse() -> None:
    rates = Rates(0)
    for _ in range(1000):
        rates.take("a")


def test_tries__double_the_wait_up_to_a_quarter_of_an_hour() -> None:
    now = [0.0]
    tries = Tries(clock=lambda: now[0])
    waits = []
    for number in range(FREE_TRIES + 14):
        try:
            tries.check("ada", "address")
        except TooMany as error:
            waits.append(error.retry_after_s)
            now[0] += error.retry_after_s
        assert number >= FREE_TRIES or waits == []
        tries.note_wrong("ada")
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT_S
    tries.check("bob")
    tries.note_right("ada")
    tries.check("ada")
