"""Write the protocol's JSON Schemas into docs/reference/protocol; run after changing a message."""

from pathlib import Path

from lachan.foundation.protocol.schemas import schema_files

FOLDER = Path(__file__).parents[1] / "docs" / "reference" / "protocol"


def main() -> None:
    """Replace the folder's schemas with today's."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, text in schema_files():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
