"""Photos and files as evidence: small, of a sort that is asked for, without anything that runs or tells too much.

A photo is drawn again, which leaves behind where it was taken and whatever hid in it; a document with scripts or
macros is refused. Files lie by their content's hash, which stands in the record.
"""

import hashlib
import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lachan.activities.model import ActivityReason
from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.base.settings import FILES
from lachan.foundation.taxonomy import FileSort

BYTES_MOST = 10 * 1024 * 1024
_PIXELS_MOST, _EDGE_MOST = 60_000_000, 2_400
_RUNS = re.compile(rb"/(JavaScript|Launch|EmbeddedFile|RichMedia)\b")
# So short that ten megabytes of a scanned page hold one by chance: looked for outside pictures only.
_RUNS_SHORT = re.compile(rb"/(JS|XFA)\b")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_UNPACKED_MOST = 16 * 1024 * 1024
_SHA = re.compile(r"[0-9a-f]{64}")
_SOUNDS = {"mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "m4a": "audio/mp4"}
_TYPES = {
    "jpg": "image/jpeg", "pdf": "application/pdf", **_SOUNDS,
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """A kept file: its content's SHA-256, the name to give it, its ending and size."""

    sha256: str
    name: str
    ending: str
    size: int

    def as_value(self) -> dict[str, str | int]:
        """As a record holds it."""
        return {"sha256": self.sha256, "name": self.name, "ending": self.ending, "size": self.size}


def keep(home: Path, name: str, content: bytes, accepts: Sequence[FileSort]) -> Evidence:
    """Check, clean and keep a file under `home/files`; the same content twice is one file.

    Raises:
        BadInput: TOO_LARGE, FILE_SORT for what is not asked for, FILE_DANGEROUS, UNREADABLE_FILE.
    """
    if len(content) > BYTES_MOST:
        raise BadInput(InputReason.TOO_LARGE, limit=f"{BYTES_MOST // 1024 // 1024} MB")
    ending, cleaned = _clean(content, accepts)
    digest = hashlib.sha256(cleaned).hexdigest()
    target = path_of(home, digest)
    if target.exists():
        # Kept before, and wanted again: whatever removes files that no record names must see that it is new.
        target.touch()
    else:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = target.with_suffix(f".{hashlib.sha256(content).hexdigest()[:8]}.part")
        part.write_bytes(cleaned)
        part.replace(target)
    stem = re.sub(r"[^\w .()-]", "_", Path(name.replace("\\", "/")).stem).strip()[:80] or "file"
    return Evidence(digest, f"{stem}.{ending}", ending, len(cleaned))


def path_of(home: Path, sha256: str) -> Path:
    """Where a kept file lies. ValueError for what is no hash."""
    if not _SHA.fullmatch(sha256):
        raise ValueError("no hash")
    return home / FILES / sha256[:2] / sha256


def kept(home: Path) -> Iterator[Path]:
    """Every file that lies there; its name is its content's SHA-256."""
    return (path for path in (home / FILES).glob("[0-9a-f][0-9a-f]/*") if _SHA.fullmatch(path.name))


def media_type(ending: str) -> str:
    """The media type by a kept file's ending."""
    return _TYPES[ending]


def _clean(content: bytes, accepts: Sequence[FileSort]) -> tuple[str, bytes]:
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF")) and content[8:12] != b"WAVE":
        _require(FileSort.PHOTO in accepts, accepts)
        return "jpg", _drawn_again(content)
    if content.startswith(b"%PDF-"):
        _require(FileSort.DOCUMENT in accepts, accepts)
        if _runs(content):
            raise BadInput(ActivityReason.FILE_DANGEROUS)
        return "pdf", content
    if content.startswith(b"PK\x03\x04"):
        _require(FileSort.DOCUMENT in accepts, accepts)
        return _office(content), content
    sound = _sound(content)
    if sound is None:
        _require(False, accepts)
    _require(FileSort.SOUND in accepts, accepts)
    return str(sound), content


def _require(right: bool, accepts: Sequence[FileSort]) -> None:
    if not right:
        raise BadInput(ActivityReason.FILE_SORT, expected=tuple(_Sort(one) for one in accepts))


@dataclass(frozen=True)
class _Sort:
    """A sort of file in words: by the endings that people know."""

    sort: FileSort

    def label(self, _language: object) -> str:
        return {
            FileSort.PHOTO: "JPEG, PNG, WebP", FileSort.DOCUMENT: "PDF, DOCX, XLSX",
            FileSort.SOUND: "MP3, M4A, OGG, WAV",
        }[self.sort]  # fmt: skip


def _drawn_again(content: bytes) -> bytes:
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
                if opened.width * opened.height > _PIXELS_MOST:
                    raise BadInput(InputReason.TOO_LARGE, limit="60 MP")
                opened.draft("RGB", (_EDGE_MOST, _EDGE_MOST))
                image = ImageOps.exif_transpose(opened).convert("RGB")
        image.thumbnail((_EDGE_MOST, _EDGE_MOST))
        # A new picture: nothing of the old file's information goes along.
        clean = Image.new("RGB", image.size)
        clean.paste(image)
        out = io.BytesIO()
        clean.save(out, "JPEG", quality=85, optimize=True)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadInput(InputReason.UNREADABLE_FILE, expected="JPEG, PNG, WebP") from None
    return out.getvalue()


def _runs(pdf: bytes) -> bool:
    """Whether a PDF names what runs or hides a file, also escaped (`/J#61vaScript`) or in a packed part."""
    if _RUNS.search(_plain(pdf)) or _RUNS_SHORT.search(_plain(_STREAM.sub(b" ", pdf))):
        return True
    for found in _STREAM.finditer(pdf):
        if b"/ObjStm" not in _plain(pdf[max(0, pdf.rfind(b"obj", 0, found.start())) : found.start()]):
            continue
        try:
            packed = zlib.decompressobj()
            inside = _plain(packed.decompress(found[1], _UNPACKED_MOST))
        except zlib.error:
            return True  # what cannot be looked into is not known to be still
        if packed.unconsumed_tail or _RUNS.search(inside) or _RUNS_SHORT.search(inside):
            return True
    return False


def _plain(names: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), names)


def _office(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            if any(one.flag_bits & 1 for one in packed.infolist()):
                raise BadInput(ActivityReason.FILE_DANGEROUS)
    except (zipfile.BadZipFile, EOFError, ValueError, RuntimeError, struct.error):
        raise BadInput(InputReason.UNREADABLE_FILE, expected="DOCX, XLSX") from None
    if any("vbaproject" in name.lower() or "/embeddings/" in name or "/activeX/" in name for name in names):
        raise BadInput(ActivityReason.FILE_DANGEROUS)
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    raise BadInput(ActivityReason.FILE_SORT, expected="DOCX, XLSX")


def _sound(content: bytes) -> str | None:
    if content.startswith(b"RIFF") and content[8:12] == b"WAVE":
        return "wav"
    if content.startswith(b"OggS"):
        return "ogg"
    if content[4:8] == b"ftyp" and content[8:11] in {b"M4A", b"mp4", b"iso"}:
        return "m4a"
    if content.startswith(b"ID3") or (content[:1] == b"\xff" and len(content) > 1 and content[1] & 0xE0 == 0xE0):
        return "mp3"
    return None
