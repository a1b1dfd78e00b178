"""The small line of the list. Run: pytest tests/jobs/test_readings.py."""

from epochal.jobs.readings import SPARK_POINTS, thin_spark


def test_thin_spark__leaves_a_short_line_as_it_is() -> None:
    assert thin_spark([0.1, None, 0.3]) == (0.1, None, 0.3)
    assert thin_spark([]) == ()


def test_thin_spark__keeps_the_peak_the_dip_and_their_order() -> None:
    values: list[float | None] = [0.5] * 1000
    values[333], values[334] = 0.9, 0.1
    thinned = thin_spark(values)
    assert len(thinned) == SPARK_POINTS
    assert thinned.index(0.9) + 1 == thinned.index(0.1)


def test_thin_spark__keeps_a_gap_where_a_whole_stretch_has_no_number() -> None:
    thinned = thin_spark([0.2] * 300 + [None] * 300)
    assert thinned == (0.2,) * 30 + (None,) * 30
