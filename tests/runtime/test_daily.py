"""Work once a day, whatever the surroundings do meanwhile."""

from __future__ import annotations

import pytest

from yinuo.errors import Unavailable
from yinuo.runtime.daily import AGAIN_S, DAY_S, Daily


class Days:
    """A clock that is set by hand, and work that writes down when it was done."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.done: list[float] = []
        self.away = False
        self.daily = Daily(self.work, lambda: self.now)

    def work(self) -> None:
        if self.away:
            raise Unavailable("Postgres is away")
        self.done.append(self.now)

    def pass_by(self, seconds: float, step: float = 60.0) -> None:
        """Look every minute, as supervision does more often."""
        end = self.now + seconds
        while self.now < end:
            self.now += step
            self.daily.look()


def test_each_day_once_and_not_at_the_start() -> None:
    days = Days()
    days.daily.look()
    days.pass_by(3.5 * DAY_S)
    assert days.done == [1000 + DAY_S, 1000 + 2 * DAY_S, 1000 + 3 * DAY_S]


def test_a_database_that_is_away_puts_it_off_by_an_hour_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    days = Days()
    days.away = True
    days.pass_by(DAY_S + 2.5 * AGAIN_S)
    assert days.done == []
    days.away = False
    days.pass_by(DAY_S)
    assert days.done == [1000 + DAY_S + 3 * AGAIN_S]


def test_what_is_no_fault_of_the_surroundings_is_not_swallowed() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    now = [0.0]
    daily = Daily(broken, lambda: now[0])
    now[0] = DAY_S
    with pytest.raises(ZeroDivisionError):
        daily.look()
