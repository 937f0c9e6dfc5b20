"""A document as one HTML file: no script, nothing loaded, every text escaped by the writer of the tree."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from modellab.report.chart import draw_chart, draw_sign
from modellab.report.document import Block, Chart, Commands, Document, Paragraph, Table
from modellab.report.text import clean

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a page may do: nothing may run or be fetched, whatever stands in names and notes."""

_STYLE = """
*{box-sizing:border-box}
body{margin:0 auto;max-width:1100px;padding:32px 24px;color:#1d2329;background:#fff;
font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif;
font-variant-numeric:tabular-nums}
h1{font-size:24px;line-height:1.25;margin:0 0 4px}h2{font-size:17px;margin:32px 0 8px;break-after:avoid}
h3{font-size:14px;margin:16px 0 4px}
p{margin:0 0 8px;max-width:92ch}p,h1,h3{overflow-wrap:anywhere}td{overflow-wrap:break-word}
.w{white-space:nowrap}.dim{color:#56606a}
.better,.worse,.unsure,.beware{border-left:4px solid;padding-left:12px}
.better{border-color:#0b6b4f}.worse{border-color:#a3231c}.unsure{border-color:#5b5f66}.beware{border-color:#8a5a00}
.scroll{overflow-x:auto;margin:0 0 12px}table{border-collapse:collapse;font-size:13px}
th,td{padding:4px 12px 4px 0;border-bottom:1px solid #e4e6e8;text-align:left;vertical-align:top}
td{min-width:72px;max-width:420px}.n{text-align:right;white-space:nowrap}
pre{background:#f3f4f4;padding:10px 12px;font:12px/1.5 ui-monospace,Menlo,Consolas,monospace;
white-space:pre-wrap;overflow-wrap:anywhere}
figure{margin:0 0 16px;break-inside:avoid}svg{max-width:100%;height:auto;font-family:inherit}
footer{margin-top:40px;padding-top:12px;border-top:1px solid #e4e6e8}
@media print{body{padding:0;max-width:none}.scroll{overflow:visible}tr,p{break-inside:avoid}
table{font-size:9px;max-width:100%}th,td,.n,.w{min-width:58px;padding-right:4px;white-space:normal;overflow-wrap:anywhere}
td:first-child{min-width:76px}}
"""


def write_html(document: Document) -> str:
    """The page."""
    html = Element("html", lang="en")
    head = SubElement(html, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": POLICY})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _add(head, "title", document.title)
    SubElement(head, "style").text = _STYLE
    body = SubElement(html, "body")
    main = SubElement(body, "main")
    _add(main, "h1", document.title)
    _add(main, "p", document.subtitle, "dim")
    for section in document.sections:
        part = SubElement(main, "section")
        _add(part, "h2", section.title)
        for block in section.blocks:
            _write_block(part, block)
    _add(SubElement(body, "footer"), "p", document.footer, "dim")
    return f"<!doctype html>\n{tostring(html, encoding='unicode', method='html')}\n"


def _write_block(parent: Element, block: Block) -> None:
    if isinstance(block, Paragraph):
        _add(parent, "p", block.text, None if block.tone == "plain" else block.tone)
    elif isinstance(block, Table):
        _write_table(parent, block)
    elif isinstance(block, Commands):
        _add(parent, "pre", "\n".join(block.lines))
    else:
        _write_chart(parent, block)


def _write_table(parent: Element, block: Table) -> None:
    # It scrolls where it is too wide, which those without a mouse must be able to do too.
    around = SubElement(
        parent, "div", {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": "Table"}
    )
    table = SubElement(around, "table")
    head = SubElement(SubElement(table, "thead"), "tr")
    for place, name in enumerate(block.head):
        _add(head, "th", name, _kind(block, place)).set("scope", "col")
    body = SubElement(table, "tbody")
    for number, cells in enumerate(block.rows):
        row = SubElement(body, "tr")
        for place, text in enumerate(cells):
            _add(row, "td", text, _kind(block, place))
        if block.run_ids:
            sign = draw_sign(block.run_ids[number])
            sign.tail, row[0].text = f"\u00a0{row[0].text}", None
            row[0].insert(0, sign)


def _kind(block: Table, place: int) -> str | None:
    return "n" if place in block.numbers else "w" if place in block.words else None


def _write_chart(parent: Element, block: Chart) -> None:
    figure = SubElement(parent, "figure")
    _add(figure, "h3", block.metric)
    figure.append(draw_chart(block))


def _add(parent: Element, name: str, text: str, kind: str | None = None) -> Element:
    element = SubElement(parent, name, {} if kind is None else {"class": kind})
    element.text = clean(text)
    return element
