"""Two languages, one catalogue each: `lachan/languages/<language>/<area>.yaml`, nested keys joined by dots.

A key missing from either language fails the style test; at run time it falls back to Vietnamese, then to the
key itself, because a page at 2 a.m. must not fail for want of a word.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources

import yaml


class Language(StrEnum):
    """The languages of every page, message and document."""

    VI = "vi"
    EN = "en"


LANGUAGES: tuple[Language, ...] = tuple(Language)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LETTERS = {letter: rank for rank, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
# In the order of dictionaries: none, grave, hook, tilde, acute, dot below.
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All sentences of one language by dotted key."""
    found: dict[str, str] = {}
    for file in sorted(
        resources.files("lachan").joinpath("languages", language.value).iterdir(), key=lambda f: f.name
    ):
        if file.name.endswith(".yaml"):
            area = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (safe subclass)
            _flatten(area or {}, "", found, file.name)
    return found


def translate(key: str, language: Language, /, **params: object) -> str:
    """The sentence for `key`; `{name}` placeholders are filled from `params`, unknown ones stay visible.

    English says one thing otherwise than two: a count of 1 takes `<key>_one` where the catalogue has it.
    """
    if params.get("count") in (1, "1") and f"{key}_one" in catalogue(language):
        key = f"{key}_one"
    sentence = catalogue(language).get(key) or catalogue(Language.VI).get(key, key)
    if not params:
        return sentence
    return _PLACEHOLDER.sub(lambda m: str(params.get(m.group(1), m.group(0))), sentence)


def alphabetical(text: str) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...], str]:
    """A key to sort names with, as a Vietnamese dictionary does: d before đ, a before ă before â, tones last.

    Sorted as they are, Đoài and Ấm would stand behind Yên.
    """
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    for letter in unicodedata.normalize("NFC", text.lower()):
        parts = unicodedata.normalize("NFD", letter)
        plain = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
        rank = _LETTERS.get(plain)
        letters.append((0, ord(plain[0])) if rank is None else (1, rank))
        tones.append(max((_TONES.get(part, 0) for part in parts), default=0))
    return tuple(letters), tuple(tones), text


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML, in C where there is a C loader. Of a key written twice YAML keeps the last; here it fails."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        """One level of a catalogue."""
        written = [key.value for key, _ in node.value]
        if len(set(written)) < len(written):
            twice = next(key for at, key in enumerate(written) if key in written[:at])
            raise ValueError(f"{twice} is written twice, {node.start_mark}")
        return dict(super().construct_mapping(node, deep=deep))


def _flatten(node: Mapping[str, object], prefix: str, into: dict[str, str], file: str) -> None:
    for key, value in node.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            _flatten(value, f"{path}.", into, file)
        elif path in into:
            raise ValueError(f"{file}: {path} is already defined in another area")
        else:
            into[path] = str(value)
