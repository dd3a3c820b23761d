"""The words around a number: cues that say what it is, and mentions of banks and wallets."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from lachan.foundation.identifiers.institutions import (
    Institution,
    Institutions,
    Wallet,
    data_patterns,
    institutions,
)


class Cue(StrEnum):
    """What a word says about the number after it."""

    NOT = "not"
    HOLDER = "holder"
    ACCOUNT = "account"
    PHONE = "phone"
    ZALO = "zalo"
    WALLET = "wallet"
    IMEI = "imei"
    CITIZEN = "citizen"
    COMPANY = "company"


_TOKEN = re.compile(r"[a-z0-9]+")
_MAX_NAME_WORDS = 9


@dataclass(frozen=True, slots=True)
class CueAt:
    """A cue and where it stands; `wallet` names the provider of a WALLET cue."""

    start: int
    end: int
    cue: Cue
    wallet: Wallet | None = None


@dataclass(slots=True)
class Mention:
    """A bank's name and where it stands; `weak` names are also everyday words."""

    start: int
    end: int
    bank: Institution
    weak: bool
    used: bool = False


@lru_cache(maxsize=4)
def _names(registry: Institutions) -> tuple[dict[str, Institution | Wallet], frozenset[str]]:
    names: dict[str, Institution | Wallet] = dict(registry.mention_names())
    names.update(registry.wallet_names())
    return names, frozenset(name[:i] for name in names for i in range(1, len(name) + 1))


@cache
def _cue_pattern() -> re.Pattern[str]:
    words = data_patterns("cues.yaml")
    options = "|".join(f"(?P<{Cue(name).name}>{'|'.join(patterns)})" for name, patterns in words.items())
    return re.compile(rf"(?<![a-z0-9])(?:{options})(?![a-z])|(?P<STAR>\*#06#)")


class Context:
    """All cues and mentions of one text, found in one pass each."""

    def __init__(self, low: str) -> None:
        self.text = low
        self.mentions: list[Mention] = []
        cues = [CueAt(*match.span(), _cue(match)) for match in _cue_pattern().finditer(low)]
        self._find_mentions(low, cues)
        self.cues = sorted(cues, key=lambda cue: (cue.end, cue.start))
        self._cue_ends = [cue.end for cue in self.cues]
        self._mention_starts = [mention.start for mention in self.mentions]

    def _find_mentions(self, low: str, cues: list[CueAt]) -> None:
        registry = institutions()
        names, prefixes = _names(registry)
        tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(low)]
        at = 0
        while at < len(tokens):
            best: tuple[int, Institution | Wallet, str] | None = None
            joined = ""
            for stop in range(at, min(at + _MAX_NAME_WORDS, len(tokens))):
                if stop > at and tokens[stop][1] - tokens[stop - 1][2] > 2:
                    break
                joined += tokens[stop][0]
                if joined not in prefixes:
                    break
                if joined in names and (stop == at or len(joined) >= 4):
                    best = stop, names[joined], joined
            if best is None:
                at += 1
                continue
            stop, thing, name = best
            start, end = tokens[at][1], tokens[stop][2]
            if isinstance(thing, Wallet):
                cues.append(CueAt(start, end, Cue.WALLET, thing))
            elif not name.isdigit():
                weak = name in registry.weak or (len(name) <= 2)
                self.mentions.append(Mention(start, end, thing, weak))
            at = stop + 1

    def cues_before(self, start: int, *, within: int = 48, at_most: int = 4) -> list[CueAt]:
        """The cues that end before `start`, nearest first, on this side of a full stop."""
        found: list[CueAt] = []
        at = bisect_right(self._cue_ends, start)
        while at > 0 and len(found) < at_most:
            at -= 1
            cue = self.cues[at]
            if start - cue.end > within or _ends_sentence(self.text[cue.end : start]):
                break
            found.append(cue)
        return found

    def mention_after(self, end: int, *, within: int) -> Mention | None:
        """The first bank that is named after `end`."""
        at = bisect_left(self._mention_starts, end)
        if at < len(self.mentions) and self.mentions[at].start - end <= within:
            return self.mentions[at]
        return None

    def mention_before(self, start: int, *, within: int) -> Mention | None:
        """The last bank that is named before `start`."""
        at = bisect_left(self._mention_starts, start)
        if at > 0 and start - self.mentions[at - 1].end <= within and self.mentions[at - 1].end <= start:
            return self.mentions[at - 1]
        return None


def _cue(match: re.Match[str]) -> Cue:
    return Cue.IMEI if match.lastgroup == "STAR" else Cue[match.lastgroup or "NOT"]


def _ends_sentence(gap: str) -> bool:
    return bool(re.search(r"[.!?;]\s|\n\s*\n", gap))
