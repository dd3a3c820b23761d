"""The words around a number: cues that say what it is, and mentions of banks and wallets."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from lachan.foundation.identifiers.institutions import Institution, Institutions, Wallet, institutions


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


_WORDS: tuple[tuple[Cue, str], ...] = (
    (Cue.IMEI, r"(?:so |ma )?imei ?[12]?(?![0-9])"),
    (Cue.CITIZEN, r"cccd|cmnd|cmtnd|cmt|can cuoc(?: cong dan)?|chung minh(?: nhan dan| thu)?"
                  r"|(?:so |ma )?dinh danh(?: ca nhan)?(?! [a-z]{3,12}:)|ho chieu"),
    (Cue.COMPANY, r"mst|m\.s\.t|ma so thue|ma thue|ma so doanh nghiep|ma so dn|msdn|gpkd|dkkd|dkdn"
                  r"|giay phep kinh doanh|dang ky kinh doanh|tax code|tax id"),
    (Cue.HOLDER, r"chu tai khoan|chu tk|ctk|ten tai khoan|ten tk|chu vi"),
    (Cue.NOT, r"otp|so du(?: kha dung)?|so tien|don gia|so luong|don hang|van don|hoa don|hop dong|chi so"
              r"|cong to|ref|reference|trace|(?:so )?tham chieu|(?:so )?but toan|seri|serial|bien so|so khung"
              r"|so the|the so|the atm|bhxh|bhyt|bao hiem(?: xa hoi| y te)?|ho khau|nghi dinh|thong tu|quyet dinh"
              r"|cong van|chi thi|nghi quyet|van ban|so hieu|diem thuong|ve so|xo so|so nha|thua dat|to ban do"
              r"|mat khau|password|cvv|noi dung|gcn|giay chung nhan|txid|chuyen bay|so ct|so hd|ho so(?: so)?|wifi"
              r"|ma ve|ky hieu|tong (?:tien|cong|thanh toan)"
              r"|(?:gia|tong|hd|dieu|khoan|luat|diem|mk|pass|pin|bill|phong|lo)(?=:? ?[0-9])|ngay(?=:? ?[0-3]?[0-9](?![0-9]))"
              r"|ma (?:so )?(?:xac thuc|xac nhan|bao mat|kich hoat|gd|giao dich|don hang|don|van don|vd|kh"
              r"|khach hang|tham chieu|ho so|hop dong|hd|sinh vien|sv|nhan vien|nv|buu chinh|dat cho|buu pham"
              r"|buu gui|the|pin|tra cuu|hoa don|chung tu|voucher|giam gia|bien lai|lich hen|loi|vach)"),
    (Cue.ACCOUNT, r"stk|s\.t\.k|so tk|so tai khoan|so t\.k|tai khoan|tknh|tk|acc|account|so tai khoang"),
    (Cue.ZALO, r"zalo|zl"),
    (Cue.PHONE, r"sdt|so dien thoai|so dt|dien thoai|dtdd|dt|hotline|tong dai|lien he|lh|cuoc goi|goi|sim"
                r"|nhan tin|alo|call|phone|tel|mobile|thue bao|dau so|so (?:nay|moi|cu|la)"),
)  # fmt: skip
_CUES = re.compile(
    r"(?<![a-z0-9])(?:"
    + "|".join(f"(?P<{cue.name}>{words})" for cue, words in _WORDS)
    + r")(?![a-z])|(?P<STAR>\*#06#)"
)
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


class Context:
    """All cues and mentions of one text, found in one pass each."""

    def __init__(self, low: str) -> None:
        self.text = low
        self.mentions: list[Mention] = []
        cues = [CueAt(*match.span(), _cue(match)) for match in _CUES.finditer(low)]
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
