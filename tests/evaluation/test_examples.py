"""Stored examples come back as they were, are the same bytes each time, and nothing else is read as them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.errors import InvalidInput
from modellab.evaluation import examples as module
from modellab.evaluation.examples import (
    Examples,
    decode_examples,
    digest_rows,
    encode_examples,
    match_rows,
)
from modellab.evaluation.inputs import read_problem
from modellab.evaluation.problem import Classification, Regression


def make(n: int = 40, k: int = 2, seed: int = 0, **more: Any) -> Examples:
    random = np.random.default_rng(seed)
    weights = random.random((n, k))
    classes = [f"class {place}" for place in range(k)]
    problem = read_problem(
        weights[:, 0] if k == 2 else weights / weights.sum(1, keepdims=True),
        random.integers(0, k, n),
        task_type="classification",
        classes=classes,
    )
    return Examples(**{"problem": problem, "row_ids": np.arange(n), **more})


def equal(a: Examples, b: Examples) -> bool:
    return encode_examples(a) == encode_examples(b)


def test_of_very_many_slices_the_first_are_stored_and_all_else_is_read() -> None:
    codes = np.zeros(40, np.int32)
    given = make(slices={f"feature:{place}": (codes, ("all",)) for place in range(1100)})
    assert list(decode_examples(encode_examples(given)).slices) == list(given.slices)[:1000]


@pytest.mark.parametrize("k", [2, 3])
def test_probabilities_come_back_to_the_last_bit(k: int) -> None:
    before = make(k=k)
    after = decode_examples(encode_examples(before))
    for problem in (before.problem, after.problem):
        assert isinstance(problem, Classification)
    assert isinstance(before.problem, Classification)
    assert isinstance(after.problem, Classification)
    assert after.problem.classes == before.problem.classes
    assert after.problem.probabilities is not None
    assert before.problem.probabilities is not None
    assert (after.problem.probabilities == before.problem.probabilities).all()
    assert (after.problem.predicted == before.problem.predicted).all()
    assert (after.problem.labels == before.problem.labels).all()
    assert equal(before, after)


@pytest.mark.parametrize("classes", [("a", "é😀\nb"), (False, True), (1, 7), (0.5, 1.5)])
def test_classes_of_any_kind_and_hard_labels_come_back(classes: tuple[Any, ...]) -> None:
    labels = [classes[0], classes[1], classes[0]]
    problem = read_problem([*classes, classes[0]], labels, task_type="classification", classes=classes)
    after = decode_examples(encode_examples(Examples(problem=problem, row_ids=("x", "y\n", "é\udc80"))))
    assert isinstance(after.problem, Classification)
    assert after.problem.classes == classes
    assert [type(name) for name in after.problem.classes] == [type(name) for name in classes]
    assert after.problem.probabilities is None
    assert after.problem.predicted.tolist() == [0, 1, 0]
    assert after.row_ids == ("x", "y\n", "é\udc80")


def test_numbers_clusters_and_slices_come_back() -> None:
    problem = Regression(targets=np.array([1e300, -0.1, 3]), predictions=np.array([0.5, 1, 2]))
    codes = np.array([0, -1, 1], np.int32)
    before = Examples(
        problem=problem,
        row_ids=np.array([-5, 2**60, 7]),
        clusters=np.array([0, 0, 300]),
        slices={"feature:größe": (codes, ("low", "high"))},
    )
    after = decode_examples(encode_examples(before))
    assert isinstance(after.problem, Regression)
    assert after.problem.targets.tolist() == [1e300, -0.1, 3.0]
    assert np.asarray(after.row_ids).tolist() == [-5, 2**60, 7]
    assert after.clusters is not None
    assert after.clusters.tolist() == [0, 0, 300]
    found, levels = after.slices["feature:größe"]
    assert found.tolist() == [0, -1, 1]
    assert levels == ("low", "high")
    assert equal(before, after)


def test_examples_take_few_bytes() -> None:
    random = np.random.default_rng(0)
    p = random.random(10_000).astype(np.float32)
    problem = read_problem(p, random.integers(0, 2, 10_000), task_type="classification")
    data = encode_examples(Examples(problem=problem, row_ids=np.arange(10_000)))
    assert len(data) < 45_000  # 4 bytes a probability, a bit a label


def test_numpy_reads_the_file_too() -> None:
    archive = np.load(io.BytesIO(encode_examples(make(k=3))), allow_pickle=False)
    assert sorted(archive.files) == ["about", "labels", "probabilities"]
    assert json.loads(archive["about"].tobytes())["classes"] == ["class 0", "class 1", "class 2"]


@given(st.data())
def test_damaged_bytes_are_refused_or_read_as_valid_examples(data: st.DataObject) -> None:
    good = encode_examples(make(n=12, k=3, row_ids=tuple("abcdefghijkl")))
    places = data.draw(st.lists(st.integers(0, len(good) - 1), min_size=1, max_size=4))
    damaged = bytearray(good)
    for place in places:
        damaged[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)) | st.just(len(good)))
    try:
        found = decode_examples(bytes(damaged[:cut]))
    except InvalidInput:
        return
    assert isinstance(found.problem, Classification)
    assert found.problem.n == len(found.row_ids)
    assert found.problem.labels.max() < len(found.problem.classes)


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode_examples(data)


def rewrite(data: bytes, **members: bytes) -> bytes:
    """The same file with other members; those of no bytes are left out."""
    new = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(new, "w") as archive:
        kept = {info.filename.removesuffix(".npy"): old.read(info) for info in old.infolist()}
        for name, content in (kept | members).items():
            if content:
                archive.writestr(f"{name}.npy", content)
    return new.getvalue()


def npy(array: Any, *, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


def about(**changes: Any) -> bytes:
    whole = {"version": 1, "n": 40, "task_type": "classification", "classes": ["a", "b"], "slices": []}
    return npy(np.frombuffer(json.dumps(whole | changes).encode(), np.uint8))


@pytest.mark.parametrize(
    "members",
    [
        {"labels": npy(np.array([{}], object), allow_pickle=True)},
        {"labels": npy(np.zeros(39, np.int64))},
        {"labels": npy(np.full(40, 2, np.int64))},
        {"labels": npy(np.full(40, -1, np.int64))},
        {"labels": npy(np.zeros(40))},
        {"labels": b""},
        {"scores": npy(np.full(40, 1.5))},
        {"scores": npy(np.full(40, np.nan))},
        {"scores": npy(np.zeros((40, 2)))},
        {"scores": npy(np.zeros(40))[:-8]},
        {"about": b"{}"},
        {"about": about(version=2)},
        {"about": about(n=10**15)},
        {"about": about(n=0)},
        {"about": about(classes=["a"])},
        {"about": about(classes=[["a"], {}])},
        {"about": about(task_type="regression")},
        {"about": about(row_ids=["x"] * 40)},
        {"about": about(row_ids=["x"])},
        {"about": about(slices=[{"attribute": "x", "levels": ["a"]}])},
    ],
)
def test_files_that_we_would_not_have_written_are_refused(members: dict[str, bytes]) -> None:
    with pytest.raises(InvalidInput, match="stored examples"):
        decode_examples(rewrite(encode_examples(make()), **members))


def test_a_rewritten_file_that_is_right_is_read() -> None:
    data = rewrite(encode_examples(make()), about=about())
    assert isinstance(decode_examples(data).problem, Classification)


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode_examples(make())
    monkeypatch.setattr(module, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(InvalidInput, match=r"unpack to .* at most 100"):
        decode_examples(data)


def test_rows_are_matched_by_id_in_the_order_of_the_first() -> None:
    a = make(n=4, row_ids=np.array([40, 10, 30, 20]))
    b = make(n=3, row_ids=np.array([20, 50, 40]))
    in_a, in_b = match_rows(a, b)
    assert in_a.tolist() == [0, 3]
    assert in_b.tolist() == [2, 0]
    a = make(n=4, row_ids=("d", "a", "c", "b"))
    b = make(n=3, row_ids=("b", "e", "d"))
    in_a, in_b = match_rows(a, b)
    assert in_a.tolist() == [0, 3]
    assert in_b.tolist() == [2, 0]


def test_ids_of_text_and_of_numbers_never_match() -> None:
    in_a, in_b = match_rows(make(n=2), make(n=2, row_ids=("0", "1")))
    assert in_a.tolist() == []
    assert in_b.tolist() == []


def test_the_digest_of_rows_is_of_ids_and_labels_alone() -> None:
    base = digest_rows(make())
    other_predictions = make()
    assert isinstance(other_predictions.problem, Classification)
    hard = Classification(
        classes=other_predictions.problem.classes,
        labels=other_predictions.problem.labels,
        predicted=1 - other_predictions.problem.predicted,
        probabilities=None,
    )
    assert digest_rows(Examples(problem=hard, row_ids=np.arange(40))) == base
    assert digest_rows(make(row_ids=np.arange(40) + 1)) != base
    assert digest_rows(make(seed=1)) != base
    swapped = Classification(
        classes=hard.classes[::-1], labels=1 - hard.labels, predicted=hard.predicted, probabilities=None
    )
    assert digest_rows(Examples(problem=swapped, row_ids=np.arange(40))) == base
