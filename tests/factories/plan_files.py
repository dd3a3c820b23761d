"""The same plan as a printed text, a Word file, a PDF and a page: made with the project's own libraries."""

import html
import io
import json
import re
import textwrap
from pathlib import Path

import docx
import typst
from docx.enum.text import WD_ALIGN_PARAGRAPH

from lachan.plans.reading.text import plain_words

_ROW = re.compile(r"\s*\|.*\|\s*$")
_RULE = re.compile(r"\s*\|[\s|:-]+\|\s*$")
HEADER = "UBND TỈNH – Kế hoạch phòng, chống lừa đảo"


def printed(text: str, *, width: int = 84, page: int = 34) -> str:
    """As a page prints it: lines broken at the width, a running header and a number on every page."""
    lines: list[str] = []
    for raw in text.splitlines():
        lines += textwrap.wrap(raw, width, break_long_words=False, break_on_hyphens=False) or [""]
    found: list[str] = []
    for place in range(0, len(lines), page):
        if place:
            found += ["", HEADER, f"- {place // page + 1} -", ""]
        found += lines[place : place + page]
    return "\n".join(found)


def blocks(text: str) -> list[str | list[list[str]]]:
    """Paragraphs of a plan, and its tables (rows between pipes)."""
    found: list[str | list[list[str]]] = []
    for raw in text.splitlines():
        if _RULE.match(raw):
            continue
        if _ROW.match(raw):
            row = [cell.strip() for cell in raw.strip().strip("|").split("|")]
            if found and isinstance(found[-1], list):
                found[-1].append(row)
            else:
                found.append([row])
        elif raw.strip():
            found.append(raw.strip())
    return found


def as_docx(text: str) -> bytes:
    """A Word file, its header block a table without borders as offices lay it out."""
    document = docx.Document()
    for block in blocks(text):
        if isinstance(block, list):
            table = document.add_table(len(block), len(block[0]))
            for row, cells in zip(table.rows, block, strict=True):
                for cell, told in zip(row.cells, cells, strict=False):
                    cell.text = told
            continue
        paragraph = document.add_paragraph(_bare(block))
        if block.isupper():
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def as_html(text: str) -> bytes:
    """A page with paragraphs and tables."""
    parts: list[str] = []
    for block in blocks(text):
        if isinstance(block, list):
            rows = "".join(
                "<tr>" + "".join(f"<td><p>{html.escape(cell)}</p></td>" for cell in row) + "</tr>" for row in block
            )
            parts.append(f"<table><tbody>{rows}</tbody></table>")
        else:
            parts.append(f"<p>{html.escape(_bare(block))}</p>")
    return ("<!DOCTYPE html><html><head><meta charset='utf-8'><title>Kế hoạch</title><style>p{}</style></head>"
            f"<body><nav>Trang chủ</nav>{''.join(parts)}</body></html>").encode()  # fmt: skip


def as_pdf(text: str) -> bytes:
    """A PDF of A4 pages with justified lines, a running header and page numbers."""
    source = [
        '#set page(paper: "a4", margin: (left: 30mm, right: 18mm, y: 22mm))',
        '#set page(numbering: "1", number-align: center + top)',
        '#set text(font: "Libertinus Serif", size: 13pt, lang: "vi")',
        "#set par(justify: true, first-line-indent: 1cm)",
    ]
    for block in blocks(text):
        if isinstance(block, list):
            cells = ", ".join(f"[#{json.dumps(cell, ensure_ascii=False)}]" for row in block for cell in row)
            source.append(f"#table(columns: {len(block[0])}, {cells})")
        else:
            source.append(f"#par[#{json.dumps(_bare(block), ensure_ascii=False)}]\n")
    return bytes(typst.compile("\n".join(source).encode(), ignore_system_fonts=True))


def _bare(block: str) -> str:
    """Without the signs of markdown, which no printed file has."""
    return plain_words(block)


def write(folder: Path, name: str, data: bytes) -> Path:
    """A file to import."""
    path = folder / name
    path.write_bytes(data)
    return path
