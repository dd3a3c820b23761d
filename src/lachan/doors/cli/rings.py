"""`lachan rings TRANSFERS OUT`: accounts that hang together, and the transfer that ties each of them."""

from pathlib import Path

from lachan.doors.cli.columns import held
from lachan.doors.cli.output import EXIT_NO, out
from lachan.doors.cli.rejects import Rejects
from lachan.foundation.base import BadInput, InputReason, parse_vnd, translate
from lachan.foundation.documents.sheets import STANDARD, row_writer
from lachan.tracing import RING_COLUMNS, Chosen, member_rows, ring_members


def run(source: Path, target: Path, least: str, partners: int, members: int, strict: bool) -> int:
    """0 all rows were transfers, 1 some were rejected and are listed beside OUT."""
    for name, value, smallest in (("--partners", partners, 1), ("--members", members, 2)):
        if value < smallest:
            raise BadInput(InputReason.MALFORMED, field=name, expected=f"{smallest}…")
    chosen = Chosen(0 if least == "0" else parse_vnd(least, field="--least"), partners, members)
    loaded = held(source)
    if loaded.rejected and strict:
        raise loaded.rejected[0].error(source)
    columns = loaded.columns
    found, count = ring_members(columns, chosen)
    rows = sorted({int(columns.row[one.tie]) for one in found})
    ids = loaded.ids(rows)
    with row_writer(target, RING_COLUMNS) as write:
        for row in member_rows(columns, found, ids):
            write(row)
    with Rejects(target) as rejects:
        for one in loaded.rejected:
            rejects.add(one.row, one.refusal.reason, one.refusal.params, one.raw, one.refusal.field)
    result = {
        "rings": len({one.ring for one in found}), "members": len(found),
        "largest": max((one.members for one in found), default=0),
        "chosen": count, "rows": len(columns), "rejected": len(loaded.rejected),
    }  # fmt: skip
    lines = [translate("rings.found", out.language, **result, file=target)]
    if loaded.rejected:
        lines += [translate("rings.rejected", out.language, count=len(loaded.rejected)), *rejects.line()]
    if target == STANDARD:
        for line in lines:
            out.complain(line)
    else:
        out.result(result | {"rejects": rejects.listed}, lines)
    return EXIT_NO if loaded.rejected else 0
