"""Decides what a number is: an account, phone, wallet, Zalo account, IMEI, citizen, company, or nothing.

The nearest cue before the number decides; a number that is not what its cue says it is, and carries a check
digit, is nothing. Without a cue only two things are read: a number beside a bank's name, and a telephone
number.
"""

import re
from bisect import bisect_left

from lachan.foundation.identifiers.institutions import institutions
from lachan.foundation.identifiers.kinds import account, citizen, company, imei, phone, social
from lachan.foundation.identifiers.model import Kind
from lachan.foundation.identifiers.reading.claims import Claims
from lachan.foundation.identifiers.reading.context import Context, Cue, CueAt, Mention
from lachan.foundation.identifiers.reading.groups import Number, is_amount, is_date, is_masked, numbers
from lachan.foundation.identifiers.text import Mapped

_FILLER = re.compile(
    r"[\s:,/\-()|·]*(?:(?:stk|so tai khoan|so tk|so|tk|tai khoan|ngan hang|nh|bank|tai|cua|ben|la|qua)"
    r"[\s:,/\-()|·]*){0,3}"
)
_ACCOUNT_AFTER = re.compile(r"[\s,(/\-]*(?:la )?(?:stk|so tk|so tai khoan)(?![a-z])")
_IS = re.compile(r"(?:^|\s)la\s*(?:so )?$")
_GLUED = re.compile(r"([a-z]{2,12})([0-9]{8,15})|([0-9]{8,15})([a-z]{2,12})")
_LOGIN_AFTER = re.compile(r"[\s,;/|\-]{0,4}(?:mat khau|mk|pass|password)(?![a-z])")
_WALLET_AFTER = re.compile(r"[\s(/\-]{0,3}(?:momo|zalopay|zalo pay|viettelpay|viettel money|shopeepay)(?![a-z])")
_SHORT = re.compile(
    r"(?<![a-z])(?:dau so|tong dai|gui(?: toi| den)?|goi(?: ngay| toi| den)?)\s(?:so\s)?"
    r"([1-9][0-9]{2,4})(?![0-9a-z]|[ .,\-/][0-9])"
)
_CODE_NAME = re.compile(r"(?<![a-z0-9])(?=[a-z0-9]{0,18}[a-z])(?=[a-z0-9]{0,18}[0-9])[a-z0-9]{8,19}(?![a-z0-9])")
_TIGHT = re.compile(r"[\s:#.=]*(?:(?:so|la|moi|cu|cua ban|cua quy khach|kha dung)[\s:#.=]*){0,2}")
# Without diacritics these are also other words: giá/giả/gia, lô/lo, phòng/phong…
_AMBIGUOUS = frozenset({"gia", "tong", "lo", "phong", "luat", "khoan", "dieu", "diem", "hd"})
_BANK_RANGE = 70


def read_numbers(low: Mapped, folded: Mapped, claims: Claims) -> None:
    """All numbers of the text; `low` has digit words already read."""
    reader = _Reader(low, claims)
    found = list(numbers(low.text))
    reader.starts = [number.start for number in found]
    for number in found:
        reader.read(number)
    reader.read_named_accounts()
    reader.read_short_codes()


class _Reader:
    def __init__(self, low: Mapped, claims: Claims) -> None:
        self.low = low
        self.claims = claims
        self.context = Context(low.text)
        self.starts: list[int] = []

    def read(self, number: Number) -> None:
        """Claim it as the first thing that it is."""
        text = self.low.text
        if not self.claims.free(*self.low.span(number.start, number.end)):
            return
        if is_masked(text, number) or is_date(text, number):
            return
        cues = self.context.cues_before(number.start)
        for i, cue in enumerate(cues):
            if cue.cue is Cue.HOLDER:
                continue
            if self._crosses_number(cue.end, number.start) and not self._bin_before(number):
                break
            decided = self._by_cue(number, cue, cues[i + 1 :])
            if decided is not None:
                return
        self._without_cue(number)

    def _crosses_number(self, start: int, end: int) -> bool:
        at = bisect_left(self.starts, start)
        return at < len(self.starts) and self.starts[at] < end

    def _by_cue(self, number: Number, cue: CueAt, further: list[CueAt]) -> bool | None:
        """True: read; False: it is nothing; None: this cue does not fit, ask the next."""
        gap, text = number.start - cue.end, self.low.text
        if cue.cue is Cue.NOT:
            if text[cue.start : cue.end] in _AMBIGUOUS and self._phone_value(number):
                return None
            told = _TIGHT.fullmatch(text, cue.end, number.start)
            return False if told or (gap <= 24 and not self._mobile(number)) else None
        if cue.cue is Cue.IMEI:
            return self._checked(number, Kind.IMEI, imei.clean(number.digits))
        if cue.cue is Cue.CITIZEN:
            return self._checked(number, Kind.CITIZEN, citizen.clean(number.digits))
        if cue.cue is Cue.COMPANY:
            value = company.clean(number.digits) if len(number.digits) in (10, 13) else None
            if value is None and len(number.digits) == 12:
                return self._checked(number, Kind.CITIZEN, citizen.clean(number.digits))
            return self._checked(number, Kind.COMPANY, value)
        if cue.cue is Cue.ACCOUNT:
            if gap > 25 and self._mobile(number) and not self._beside_bank(number):
                return None
            if self._wallet_after(number):
                return True
            if _LOGIN_AFTER.match(text, number.end):
                return False
            return self._account(number, near=gap <= 3)
        if cue.cue is Cue.PHONE:
            before = next((c for c in further if c.cue in (Cue.WALLET, Cue.ZALO) and cue.start - c.end <= 12), None)
            if before and self._by_cue(number, before, []):
                return True
            if further and further[0].cue is Cue.ACCOUNT and _IS.search(text[further[0].end : cue.start]):
                return self._account(number, near=True)
            return self._phone(number)
        if cue.cue is Cue.ZALO:
            return self._zalo(number) if gap <= 30 else None
        return self._wallet(number, cue) if cue.wallet and gap <= 40 else None

    def _checked(self, number: Number, kind: Kind, value: str | None) -> bool:
        return bool(value) and self._claim(kind, str(value), number)

    def _claim(self, kind: Kind, value: str, number: Number) -> bool:
        return self.claims.add(kind, value, *self.low.span(number.start, number.end))

    def _account(self, number: Number, *, near: bool) -> bool | None:
        text = self.low.text
        if text[number.start] == "+" or is_amount(text, number, strict=not near):
            return None
        if len(number.digits) > 19:
            whole = (number.part(0, i) for i in range(len(number.groups) - 1, 0, -1))
            number = next((part for part in whole if 6 <= len(part.digits) <= 19), number)
        if bank := self._bin_before(number):
            return self._claim(Kind.ACCOUNT, f"{bank}:{number.digits}", number)
        mention = self._bank_for(number)
        if not (6 if mention else 8) <= len(number.digits) <= 19:
            return None
        if mention:
            mention.used = True
        value = f"{mention.bank.bin}:{number.digits}" if mention else number.digits
        return self._claim(Kind.ACCOUNT, value, number)

    def _bank_for(self, number: Number) -> Mention | None:
        """The bank named nearest, on either side, unless another number stands between or already took it."""
        right = self.context.mention_after(number.end, within=_BANK_RANGE)
        left = self.context.mention_before(number.start, within=_BANK_RANGE)
        if right and (
            self._crosses_number(number.end, right.start) or self._too_weak(right, right.start - number.end)
        ):
            right = None
        if left and (
            left.used
            or self._crosses_number(left.end, number.start)
            or self._too_weak(left, number.start - left.end)
        ):
            left = None
        if left and right:
            return left if number.start - left.end <= right.start - number.end else right
        return left or right

    def _bin_before(self, number: Number) -> str:
        """The bank's BIN, written out before the number: '970436 0011004567891'."""
        before = re.search(
            r"(?<![0-9])([0-9]{6})[ :\-]{1,3}$", self.low.text[max(0, number.start - 10) : number.start]
        )
        return before[1] if before and len(number.digits) >= 6 and institutions().bank(before[1]) else ""

    def _too_weak(self, mention: Mention, gap: int) -> bool:
        return mention.weak and not self._named(mention) and gap > 14

    def _named(self, mention: Mention) -> bool:
        """Whether the word before says that a bank is meant."""
        before = self.context.text[max(0, mention.start - 12) : mention.start].rstrip(" :")
        return before.endswith(("ngan hang", " nh", "bank", "stk", "tk", "tai khoan"))

    def _phone(self, number: Number) -> bool | None:
        for part in self._phone_parts(number):
            text = self.low.text[part.start : part.end]
            value = phone.clean(("+" if text.startswith("+") else "") + part.digits)
            if value and phone.line(value) != "short_code":
                return self._claim(Kind.PHONE, value, part)
        return None

    def _phone_parts(self, number: Number) -> list[Number]:
        count = len(number.groups)
        parts = [number]
        if count > 1:
            parts += [
                number.part(0, i) for i in range(count - 1, 0, -1) if 8 <= len(number.part(0, i).digits) <= 12
            ]
            parts += [
                number.part(i, count) for i in range(1, count) if 8 <= len(number.part(i, count).digits) <= 12
            ]
        return parts

    def _zalo(self, number: Number) -> bool | None:
        value = social.on("zalo", self._dialled(number))
        return self._claim(Kind.SOCIAL, value, number) if value else None

    def _wallet(self, number: Number, cue: CueAt) -> bool | None:
        value = phone.clean(self._dialled(number))
        if not value or not phone.is_mobile(value) or not cue.wallet:
            return None
        return self._claim(Kind.WALLET, f"{cue.wallet.provider}:{value}", number)

    def _mobile(self, number: Number) -> bool:
        return phone.is_mobile(self._phone_value(number))

    def _phone_value(self, number: Number) -> str:
        value = phone.clean(self._dialled(number)) or ""
        return value if value.startswith("+") else ""

    def _dialled(self, number: Number) -> str:
        return ("+" if self.low.text[number.start] == "+" else "") + number.digits

    def _without_cue(self, number: Number) -> None:
        text = self.low.text
        if is_amount(text, number, strict=True):
            return
        beside = self._beside_bank(number)
        mobile = phone.clean(self._dialled(number)) or ""
        if self._wallet_after(number):
            return
        if _ACCOUNT_AFTER.match(text, number.end) and self._account(number, near=True):
            return
        if beside and 6 <= len(number.digits) <= 19 and text[number.start] != "+":
            strong = not beside.weak or not mobile or self._named(beside)
            if _is_card(number.digits) or mobile.startswith(("+841800", "+841900")):
                strong = False
            if strong and (len(number.digits) >= 8 or not mobile):
                beside.used = True
                self._claim(Kind.ACCOUNT, f"{beside.bank.bin}:{number.digits}", number)
                return
        if number.sure and (mobile or len(number.groups) > 1):
            self._phone(number)

    def _wallet_after(self, number: Number) -> bool:
        """'0912345678 momo': the wallet is named after the number."""
        if not (named := _WALLET_AFTER.match(self.low.text, number.end)):
            return False
        cues = [cue for cue in self.context.cues_before(named.end(), within=1) if cue.wallet]
        return bool(cues and self._wallet(number, cues[0]))

    def _beside_bank(self, number: Number) -> Mention | None:
        text = self.low.text
        left = self.context.mention_before(number.start, within=30)
        right = self.context.mention_after(number.end, within=30)
        if left and not left.used and _FILLER.fullmatch(text, left.end, number.start):
            return left
        if right and _FILLER.fullmatch(text, number.end, right.start):
            return right
        return None

    def read_named_accounts(self) -> None:
        """Accounts that are named with letters and digits, straight after 'STK' or beside a bank's name."""
        text = self.low.text
        for match in _CODE_NAME.finditer(text):
            if sum(char.isdigit() for char in match.group()) < 4 or "xx" in match.group():
                continue
            number = Number(match.start(), match.end(), match.group().upper(), True, ())
            span = self.low.span(*match.span())
            cues = self.context.cues_before(match.start(), within=22, at_most=2)
            told = next((cue for cue in cues if cue.cue is not Cue.CITIZEN), None)
            if (told and told.cue is not Cue.ACCOUNT) or not self.claims.free(*span):
                continue
            if self._glued(match) or not told:
                continue
            mention = self._bank_for(number)
            if mention and (value := account.compact(number.digits)):
                self.claims.add(Kind.ACCOUNT, f"{mention.bank.bin}:{value}", *span)

    def _glued(self, match: re.Match[str]) -> bool:
        """A bank's name and a number without a space between them: VCB1023456789."""
        glued = _GLUED.fullmatch(match.group())
        if not glued:
            return False
        group = 2 if glued[1] else 3
        name = glued[1] or glued[4]
        bank = institutions().mention_names().get(name)
        if not bank or name in institutions().weak or _is_card(glued[group]):
            return False
        start = match.start() + glued.start(group)
        span = self.low.span(start, start + len(glued[group]))
        return self.claims.add(Kind.ACCOUNT, f"{bank.bin}:{glued[group]}", *span)

    def read_short_codes(self) -> None:
        """Short codes that everyone knows, and those after 'đầu số', 'tổng đài', 'soạn … gửi'."""
        text = self.low.text
        for match in _SHORT.finditer(text):
            digits = match[1]
            told = match.group().startswith(("dau so", "tong dai"))
            ordered = match.group().startswith("gui") and bool(
                re.search(r"\bsoan\b[^\n.]{1,30}$", text[max(0, match.start() - 36) : match.start()])
            )
            if not (phone.is_public_short_code(digits) or told or (ordered and len(digits) >= 4)):
                continue
            whole = Number(*match.span(1), digits, True, ())
            if not is_amount(text, whole, strict=False):
                self.claims.add(Kind.PHONE, digits, *self.low.span(*match.span(1)))


def _is_card(digits: str) -> bool:
    """Whether it is the number of a domestic card (NAPAS, 9704…), which is never an account's."""
    return digits.startswith("9704") and len(digits) in (16, 19)
