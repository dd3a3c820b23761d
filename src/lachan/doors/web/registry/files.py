"""A file as people have it becomes the file that an import reads: CSV with commas, in a folder of its own."""

import base64
import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from lachan.foundation.base import BadInput, InputReason, Language, catalogue, translate
from lachan.foundation.documents.sheets import flat, harmless, read_rows
from lachan.foundation.documents.workbooks import require_modest
from lachan.registry import Rejected
from lachan.response.shapes import Message

BYTES_MAX = 5 * 1024 * 1024
ROWS_MAX = 20_000
ENDINGS = (".csv", ".xlsx", ".ndjson")


@contextmanager
def as_import(name: str, content: bytes) -> Iterator[Path]:
    """The file as an import reads it, for as long as the block lasts; nothing of it stays on the disk.

    BadInput TOO_LARGE, UNREADABLE_FILE for what is no table, MISSING where it has no rows.
    """
    if len(content) > BYTES_MAX:
        raise BadInput(InputReason.TOO_LARGE, field="file", limit=limit_text())
    ending = Path(name).suffix.lower()
    if ending not in ENDINGS:
        raise BadInput(InputReason.UNREADABLE_FILE, field="file", expected=", ".join(ENDINGS))
    with tempfile.TemporaryDirectory() as folder:
        rows = _csv_rows(content) if ending == ".csv" else _table_rows(Path(folder) / f"given{ending}", content)
        if len(rows) < 2:
            raise BadInput(InputReason.MISSING, field="file")
        if len(rows) > ROWS_MAX + 1:
            raise BadInput(InputReason.TOO_LARGE, field="file", limit=ROWS_MAX)
        target = Path(folder) / f"{Path(name).stem[:80] or 'claims'}.csv"
        with target.open("w", encoding="utf-8", newline="") as sink:
            csv.writer(sink).writerows(rows)
        yield target


def limit_text() -> str:
    """How large a file may be."""
    return f"{BYTES_MAX // 1024 // 1024} MB"


def rejects_href(refused: Sequence[Rejected], language: Language) -> str | None:
    """The refused rows as a file to download, in the page itself; nothing is kept of it here."""
    if not refused:
        return None
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("line", "column", "reason", "sentence", "row"))
    for one in refused:
        said = refused_sentence(one)
        words = translate(said.key, language, **said.params)
        writer.writerow((one.line, harmless(one.field), one.reason.value, words, harmless(one.row)))
    coded = base64.b64encode(("\ufeff" + out.getvalue()).encode()).decode()
    return f"data:text/csv;charset=utf-8;base64,{coded}"


def refused_sentence(one: Rejected) -> Message:
    """Why a row was refused; a sentence that would have to be filled in is said in general."""
    key = f"reason.{one.reason.value}"
    whole = "{" not in catalogue(Language.VI)[key]
    return Message(key) if whole else Message("web.registry.refused_cell", {"column": one.field})


def _csv_rows(content: bytes) -> list[list[str]]:
    """Spreadsheets of this country write `;` between columns; `,` and tab are read too."""
    try:
        text = content.decode("utf-8-sig")
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise BadInput(InputReason.UNREADABLE_FILE, field="file", expected="CSV, UTF-8") from None
    # An empty line stays one, so that the lines of what is refused are those of the file.
    return rows


def _table_rows(file: Path, content: bytes) -> list[list[str]]:
    if file.suffix == ".xlsx":
        require_modest(content, ROWS_MAX, limit_text())
    file.write_bytes(content)
    names: dict[str, None] = {}
    found: list[dict[str, Any]] = []
    try:
        for row in read_rows(file):
            found.append(row if isinstance(row, dict) else {})
            names.update(dict.fromkeys(found[-1]))
    except BadInput as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field="file", expected=", ".join(ENDINGS)) from error
    return [list(names), *([_text(row.get(name)) for name in names] for row in found)]


def _text(value: object) -> str:
    """A cell as text: a spreadsheet keeps an account number as a number."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, datetime) else str(flat(value))
