from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.records.repro import ExpectedMetric, PackedDataset, PackManifest
from modellab.repro.document import write_document
from modellab.repro.markdown import show, show_block, show_cell


def make_manifest(text: str) -> PackManifest:
    """A manifest with one text wherever text of a user's may be."""
    return PackManifest(
        format=1,
        modellab_version="0.1.0",
        run_id="18b2f6c3a1d40e57a0c4f1e29b7d3586",
        name=text,
        function=text,
        project_id=text,
        status="completed",
        error=text,
        timestamp="2026-11-20T09:30:00.000000+00:00",
        duration_s=1.5,
        command=text,
        arguments=["python", text],
        script=None,
        script_position=None,
        folder=text,
        root=text,
        import_roots=[],
        in_repository=True,
        seed=1,
        dataset_id=text,
        git_hash="c0ffee00" * 5,
        git_branch=text,
        git_remote=text,
        has_diff=True,
        is_diff_complete=True,
        python_version=text,
        packages=[text],
        origins={},
        device_info={"os": text, "gpus": [{"name": text}]},
        environment={"LANG": text},
        params={},
        config={},
        code=[],
        datasets=[
            PackedDataset(name=text, version=1, split=text, filename=text, sha256="0" * 64, size=3, path=None)
        ],
        expected_metrics=[ExpectedMetric(name=text, value=0.5, tolerance=1e-9)],
        weaknesses=[text],
        checksums={},
    )


def strip_code(document: str) -> str:
    """A document without its code, as CommonMark finds it: what is left is markup and prose."""
    document = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", document, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", document)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "```\n<script>alert(1)</script>\n```",
        "`````\n<script>",
        "`<script>`",
        "[<script>](javascript:alert(1))",
        "\x1b[2J<script>\x07",
        "a | <script> | b\n\n| <script>",
        "# <script>\r\n# heading",
    ],
)
def test_text_of_any_kind_stays_text(text: str) -> None:
    document = write_document(make_manifest(text))
    assert "<script>" not in strip_code(document)
    assert "javascript:" not in strip_code(document)
    assert all(char.isprintable() or char == "\n" for char in document)


@given(st.text())
def test_no_text_closes_the_code_that_it_stands_in(text: str) -> None:
    lines = show_block(text).splitlines()
    assert lines[0] == lines[-1]
    assert all(not line.strip().startswith(lines[0]) for line in lines[1:-1])
    for shown in (show(text), show_cell(text)):
        assert "\n" not in shown
        if shown != "(empty)":
            ticks = re.match("`+", shown)
            assert ticks is not None
            inside = shown[len(ticks[0]) : -len(ticks[0])]
            assert ticks[0] not in re.findall("`+", inside)


def test_a_document_says_what_to_do_in_order() -> None:
    document = write_document(make_manifest("train.py"))
    headings = [line for line in document.splitlines() if line.startswith("## ")]
    assert headings == [
        "## What is needed",
        "## The short way",
        "## Step by step",
        "## What should come out",
        "## What is not in this pack",
    ]
    assert re.findall(r"^\d\. (.*)\.$", document, re.MULTILINE) == [
        "Get the code",
        "Install the packages",
        "Bring the data",
        "Run",
    ]


def test_arguments_are_quoted_for_a_shell() -> None:
    document = write_document(make_manifest("$(rm -rf ~)"))
    assert "python '$(rm -rf ~)'" in document
    assert "export LANG='$(rm -rf ~)'" in document
