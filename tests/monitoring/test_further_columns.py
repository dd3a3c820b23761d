"""What the further columns of a file may say: read for what it is, and never for more."""

import pytest

from lachan.monitoring.columns import CELLS, NONE, signs_of, unclear
from lachan.monitoring.files import FURTHER
from lachan.monitoring.kernel.layout import SIGNS


@pytest.mark.parametrize(
    ("column", "cell", "sign"),
    [
        ("ip_country", "VN", 0), ("ip_country", " vn ", 0), ("ip_country", "VNM", 0), ("ip_country", "Việt Nam", 0),
        ("ip_country", "KH", 1), ("ip_country", "khm", 1),
        # No address abroad, though none of them is Việt Nam.
        *(("ip_country", cell, NONE) for cell in ("XX", "unknown", "nan", "1.2.3.4", "T1", "Cambodia", "–")),
        ("biometrics_changed", True, 1), ("biometrics_changed", 1.0, 1), ("biometrics_changed", "Không", 0),
        ("biometrics_changed", "soon", NONE), ("payer_suspect", "0", 0), ("payee_suspect", 2, NONE),
        ("payer_kind", "Doanh nghiệp", 1), ("payee_kind", "cá nhân", 0), ("payee_kind", "robot", NONE),
    ],
)  # fmt: skip
def test_a_cell_is_read_or_not_known(column: str, cell: object, sign: int) -> None:
    _, signs = signs_of({column: cell})
    assert [one for one in signs if one != NONE] == ([sign] if sign != NONE else [])
    assert unclear({column: cell}) == (column if sign == NONE else None)


def test_an_empty_cell_is_not_unclear() -> None:
    assert unclear(dict(zip(FURTHER, (None, "", " ", None, "", None, ""), strict=True))) is None
    assert unclear({"device": "anything at all"}) is None
    assert {"device", *CELLS} == set(FURTHER)
    assert len(CELLS) == len(SIGNS)
