"""A report in one call."""

from __future__ import annotations

from typing import Literal

from modellab.report.facts import Request, find_facts
from modellab.report.html_page import write_html
from modellab.report.markdown_page import write_markdown
from modellab.report.sections import make_document
from modellab.store import Store

ReportFormat = Literal["html", "md"]


def write_report(store: Store, request: Request, *, project: str, as_format: ReportFormat = "html") -> str:
    """The report on the runs that match; raises `NotFound` where none does, and `InvalidInput`."""
    document = make_document(find_facts(store, request), project)
    return write_html(document) if as_format == "html" else write_markdown(document)
