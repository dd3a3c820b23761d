"""Banks and wallets: every bundled name finds its bank, and a deployment adds its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lachan.foundation.base import BadInput
from lachan.foundation.identifiers import (
    IdentifierReason,
    all_banks,
    all_wallets,
    caption,
    find_bank,
    identify,
    institutions,
    load_institutions,
    normalise,
    use_institutions,
)

SONG_HONG = """
banks:
  - {bin: "999001", code: SOHO, short_name: Sông Hồng, swift: SOHOVNVX, aliases: [song hong bank]}
  - {bin: "999002", code: CUUL, short_name: Cửu Long, name: Ngân hàng Cửu Long}
wallets:
  - {provider: lua, name: Ví Lúa, aliases: [vi lua]}
"""


@pytest.fixture
def _song_hong(tmp_path: Path) -> Iterator[None]:
    path = tmp_path / "institutions.yaml"
    path.write_text(SONG_HONG, encoding="utf-8")
    use_institutions(load_institutions(path))
    yield
    use_institutions(None)


@pytest.mark.parametrize(
    ("name", "bin_"),
    [
        ("VCB", "970436"), ("Vietcombank", "970436"), ("BFTVVNVX", "970436"), ("bftvvnvxxxx", "970436"),
        ("970436", "970436"),
        ("Ngân hàng TMCP Ngoại Thương Việt Nam", "970436"), ("ngan hang ngoai thuong", "970436"),
        ("MB", "970422"), ("mbbank", "970422"), ("quân đội", "970422"), ("techcom", "970407"),
        ("Á Châu", "970416"),
        ("BVB", "970454"), ("bản việt", "970454"), ("Bảo Việt", "970438"), ("LienVietPostBank", "970449"),
        ("LPBank", "970449"), ("OceanBank", "970414"), ("MBV", "970414"), ("Đông Á", "970406"),
        ("Vikki", "970406"),
        ("agri", "970405"), ("viettin", "970415"), ("VietinBank", "970415"), ("VBSP", "999888"),
    ],
)  # fmt: skip
def test_names(name: str, bin_: str) -> None:
    found = find_bank(name)
    assert found is not None
    assert found.bin == bin_


def test_unknown_names() -> None:
    for name in ("", "khong co", "000000", "ngan hang", "XXXXVNVX"):
        assert find_bank(name) is None


def test_every_bank_is_found_by_what_it_is_called() -> None:
    banks = all_banks()
    assert len(banks) >= 60
    assert len({bank.bin for bank in banks}) == len(banks)
    for bank in banks:
        assert find_bank(bank.bin) == bank
        assert find_bank(bank.short_name) == bank
        assert find_bank(bank.name) == bank
        if bank.swift:
            assert find_bank(bank.swift) is not None


def test_search_without_diacritics() -> None:
    assert all_banks("a chau")[0].short_name == "ACB"
    assert all_banks("VIETCOM")[0].bin == "970436"
    assert all_banks("970407")[0].short_name == "Techcombank"
    assert all_banks("không có ngân hàng này") == []
    assert {"momo", "zalopay", "viettelmoney"} <= {wallet.provider for wallet in all_wallets()}


@pytest.mark.usefixtures("_song_hong")
def test_a_deployment_adds_institutions() -> None:
    bank = find_bank("song hong")
    assert bank is not None
    assert bank.bin == "999001"
    assert normalise("account", "Sông Hồng 0123456789").key == "account:999001:0123456789"
    assert caption("account:999002:0123456789") == "Cửu Long 0123456789"
    found = identify("Chuyển vào stk 0123456789 ngân hàng Sông Hồng, ví Lúa 0912345678")
    assert [item.key for item in found] == ["account:999001:0123456789", "wallet:lua:+84912345678"]
    assert find_bank("VCB") is not None


def test_additions_do_not_change_what_is_there(tmp_path: Path) -> None:
    before = institutions()
    path = tmp_path / "more.json"
    added = {"bin": "999009", "code": "X9", "short_name": "X9"}
    path.write_text(json.dumps({"banks": [added]}), encoding="utf-8")
    grown = load_institutions(path)
    assert grown.bank("X9") is not None
    assert institutions() is before
    assert before.bank("X9") is None


@pytest.mark.parametrize(
    "content",
    [
        "banks: [{bin: '970436', code: NEW, short_name: New}]",
        "banks: [{bin: '99900', code: NEW, short_name: New}]",
        "banks: [{bin: '999001', short_name: New}]",
        "banks: [1]",
        "wallets: [{provider: momo, name: MoMo}]",
        "- 1",
        "a: [",
    ],
)
def test_bad_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput):
        load_institutions(path)


def test_a_missing_file_and_a_taken_bin_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        load_institutions(tmp_path / "none.yaml")
    path = tmp_path / "taken.yaml"
    path.write_text("banks: [{bin: '970436', code: NEW, short_name: New}]", encoding="utf-8")
    with pytest.raises(BadInput) as refusal:
        load_institutions(path)
    assert refusal.value.reason is IdentifierReason.INSTITUTION_KNOWN


def test_importing_loads_no_data_and_no_heavy_library() -> None:
    """`lachan --help` must stay quick: libraries and tables are loaded on first use."""
    heavy = "phonenumbers PIL zxingcpp ada_url publicsuffixlist sha3"
    script = f"import sys, lachan.foundation.identifiers; print(sorted(set('{heavy}'.split()) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
