"""How tests and p-values are written."""

from __future__ import annotations

import pytest

from modellab.statistics.wording import format_p, name_test


@pytest.mark.parametrize(
    ("p", "text"),
    [
        *((0.0004, "< 0.001"), (0.001, "= 0.001"), (0.04, "= 0.040"), (0.0496, "= 0.0496")),
        *((0.0504, "= 0.0504"), (0.0625, "= 0.062"), (0.614, "= 0.61"), (0.999, "= 1"), (1.0, "= 1")),
    ],
)
def test_p_values_are_rounded_and_never_onto_the_threshold(p: float, text: str) -> None:
    assert format_p(p) == text


def test_a_test_is_called_what_people_call_it() -> None:
    assert name_test("mcnemar_mid_p") == "mid-p McNemar"
    assert name_test("of_a_user") == "of a user"
