"""What a hint lists where a name is not known."""

from __future__ import annotations

from modellab.errors import list_nearest


def test_the_names_most_like_it_come_first_and_no_more_than_twelve() -> None:
    names = [f"column_{place}" for place in range(20)] + ["age"]
    assert list_nearest("agee", names).startswith("There are: age, column_0, ")
    assert list_nearest("agee", names).endswith("column_10 and 9 more.")
    assert list_nearest("agee", []) == "There are none."
