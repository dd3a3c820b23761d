#!/usr/bin/env python3
"""Write the registry's guarded names from published lists; FOLDER holds them under their publishers' names."""

import csv
import json
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "lachan" / "registry" / "data"
POPULAR = (
    "benign_vn_domains_tranco_crux.csv",
    "benign_global_sample30k_tranco_crux.csv",
    "conflicts_blocklisted_but_popular.csv",
)
SHARED = {
    "dynamic_dns": ("misp_dynamic-dns.json",),
    "shortener": ("misp_url-shortener.json",),
    "shared_host": (
        "misp_lots-project.json",
        "misp_link-in-bio.json",
        "misp_public-ipfs-gateways.json",
        "misp_second-level-tlds.json",
    ),
}


def main(folder: Path) -> None:
    """One file a guard, one name a line, sorted."""
    names = {
        guard: {name.strip().lstrip(".").lower() for file in files for name in _listed(folder / file)}
        for guard, files in SHARED.items()
    }
    names["popular"] = {row["domain"].lower() for file in POPULAR for row in _rows(folder / file)}
    for guard, found in names.items():
        (TARGET / f"{guard}.txt").write_text("".join(f"{name}\n" for name in sorted(found)), encoding="utf-8")


def _listed(file: Path) -> list[str]:
    return [str(name) for name in json.loads(file.read_text(encoding="utf-8"))["list"]]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
