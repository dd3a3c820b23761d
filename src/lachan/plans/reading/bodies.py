"""Names of bodies in a sentence: where a name begins, where it ends, and how a list of them goes on.

A name is one that the taxonomy knows, with its place ("Công an tỉnh Cao Bằng"), or a word for a kind of body with
what follows it ("các doanh nghiệp viễn thông trên địa bàn") up to the next verb.
"""

import re
from dataclasses import dataclass
from functools import cache

from lachan.foundation.taxonomy import body_names
from lachan.plans.reading.letters import GREAT, fold

_PLURAL = r"(?:tất cả\s+)?(?:các|những|toàn bộ các|từng|mọi|mỗi)\s+"
_HEAD_OF = (
    r"(?:(?:đồng chí\s+)?(?:thủ trưởng|(?:phó\s+)?chủ tịch|giám đốc|lãnh đạo|trưởng|người đứng đầu|cục trưởng"
    r"|chánh văn phòng|hiệu trưởng|tổng giám đốc|bí thư|tổ trưởng|chỉ huy trưởng|(?:ban )?thường trực"
    r"|ban thường vụ|lực lượng|đồng chí)\s+)"
)
_KINDS = (
    r"sở|ban ngành|ban|ngành|bộ|cục|chi cục|công an|ủy ban nhân dân|ủy ban|ubnd|hđnd|viện|ngân hàng|đài|báo|cơ quan"
    r"|đơn vị|địa phương|tổ chức|đoàn thể|hội|hiệp hội|liên đoàn|liên minh|đoàn|văn phòng|thanh tra|phòng giao dịch"
    r"|phòng|trung tâm"
    r"|trường|học viện|kho bạc|quỹ|doanh nghiệp|công ty|tập đoàn|chi nhánh|cấp|tổ dân phố|tổ|trạm|bệnh viện"
    r"|bưu điện|xã(?! hội)"
    r"|phường|thôn|ấp|khu phố|khu dân cư|chi bộ|công chức|cơ sở (?:giáo dục|kinh doanh|lưu trú)|hộ kinh doanh"
    r"|nhà trường"
    r"|điện lực|viễn thông"
    r"|huyện|quận|thị xã|thị trấn|thành phố|bưu chính|sàn|nền tảng|chính phủ|thủ tướng chính phủ|thành ủy|tỉnh ủy"
    r"|đảng ủy|huyện ủy|câu lạc bộ|hợp tác xã|khối|cá nhân|vụ"
)
# Banks and carriers that are called by their brand alone.
_BRANDS = (
    r"agribank|vietcombank|vietinbank|bidv|sacombank|techcombank|vpbank|lpbank|hdbank|mb ?bank|acb|tpbank"
    r"|viettel|vnpt|mobifone|vinaphone"
)
# Only with a plural, a great letter or a place behind them are these bodies: alone they begin verbs and nouns.
_KIND = re.compile(
    rf"(?P<plural>{_PLURAL})?(?P<head>{_HEAD_OF})?(?P<plural2>{_PLURAL})?(?P<kind>{_KINDS}|{_BRANDS})\b"
)
_GENERIC_PIECE = re.compile(
    r"(?:sở|(?:phòng giao dịch|chi nhánh)(?:\s+ngân hàng)?|phòng|ban ngành|ban|ngành|đơn vị|cơ quan|địa phương"
    r"|đoàn thể|tổ chức|phường|xã(?! hội)|thị trấn"
    r"|thành phố|thị xã|thôn|bản|buôn|ấp|khóm|tổ dân phố|khu phố|khu dân cư"
    r"|huyện|quận"
    r"|đặc khu|báo chí|hội|viễn thông|cá nhân|doanh nghiệp|hộ kinh doanh)\b"
)
# What may stand behind a name and belongs to it.
_PLACE = re.compile(
    r"(?<=khu vực)\s+(?:\d{1,2}|[ivx]+)\b|(?<=cơ sở)\s+\d{1,2}\b|\s+(?:khu vực\s+(?:\d{1,2}\b|[ivx]+\b)"
    r"|các cấp\b|cấp\s+(?:tỉnh|huyện"
    r"|xã)\b|(?:[-–]\s+)?(?:chi nhánh|phòng giao dịch)\b|trung ương\b|việt nam\b|liên quan\b"
    r"|có liên quan\b|có thẩm quyền\b|chức năng\b|chuyên môn\b|trực thuộc\b|trên địa bàn(?:\s+(?:tỉnh"
    r"|thành phố|xã(?! hội)|phường|thôn))?\b"
    r"|(?:tỉnh|thành|huyện|đảng) ủy\b|(?:thuộc|trong)\s+(?:tỉnh|thành phố|sở|xã(?! hội)|phường)\b"
    r"|(?:tỉnh|thành phố|tp\.?|sở|huyện|xã(?! hội)|phường|thị trấn|quận|đặc khu|thôn)(?=\W|$)|bộ công an\b"
    r"|bộ quốc phòng\b"
    r"|của bộ quốc phòng\b|thuộc bộ công an\b"
    r"|(?:của\s+|thuộc\s+)?công an(?=\s+(?:tỉnh|thành phố|huyện|thị xã|xã|phường)\b))"
)
_BEFORE = re.compile(rf"(?:{_PLURAL})?{_HEAD_OF}(?:{_PLURAL})?|{_PLURAL}")
_PLACE_NAME = re.compile(rf"\s+{GREAT}[^\W\d_]*(?:\s+{GREAT}[^\W\d_]*){{0,3}}")
_PERSON = re.compile(r"đồng chí\s+")
_STOP = re.compile(
    r"(?:để|nhằm|trong|theo|về|từ|tại|khi|nếu|trước|sau|qua|bằng|do|mà|đối với|với|cho|gửi|trên|có|được|phải|cần"
    r"|không|đã|sẽ|là|gồm|bao gồm|căn cứ|thường xuyên|kịp thời|chủ động|chủ trì|tiếp tục|định kỳ"
    r"|(?:hằng|hàng)(?= (?:năm|quý|tháng|tuần|ngày|giờ|tối|sáng|0?6 tháng|sáu tháng))"
    r"|khẩn trương"
    r"|tích cực|tập trung|nghiêm túc|đồng thời|chịu|cùng|trực tiếp|nghiên cứu|xây dựng|tăng cường|tổ chức"
    r"|triển khai"
    r"|thực hiện|tham mưu|đề xuất|rà|kiểm|thanh tra|giám sát|hướng dẫn|đôn đốc|theo dõi|báo cáo|tổng hợp|cung cấp"
    r"|chỉ đạo|phối hợp|quán triệt|tuyên truyền|phổ biến|vận động|xử|ngăn|phát|điều|xác|đẩy|nâng|đổi|ban hành"
    r"|bố trí"
    r"|cân đối|lập|mở|đưa|đăng|niêm yết|công bố|công khai|cảnh báo|đề nghị|yêu cầu|giao(?! hàng)|kiến nghị|chuẩn bị"
    r"|tiếp nhận"
    r"|giải quyết|trả lời|thông báo|cập nhật|khai thác|kết nối|chia sẻ|trao đổi|vận hành|thống nhất|biên soạn"
    r"|tập huấn"
    r"|đào tạo|hỗ trợ|khen|lồng|in|dựng|quét|chặn|khóa|thu|gỡ|xóa|nhắc|dịch|trình|thẩm|đối|chuyển|tiến hành"
    r"|huy động"
    r"|giới thiệu|khảo sát|nhân rộng|duy trì|thiết lập|thành lập|phân|cử|bảo đảm|đảm bảo|làm|ký|tham gia|quản lý"
    r"|sử dụng|ứng dụng|nắm|đấu tranh|phòng|chống|hậu kiểm|siết|sơ kết|tổng kết|đánh giá|đặt|treo|gắn|nhắn|tạm"
    r"|dành|kiểm soát|hoàn thành|hoàn thiện|tư vấn|thí điểm|thử nghiệm|lưu|trang bị|mua|đầu tư|thông tin|ngoài|như"
    r"|bị|sao|trích|đảm|giúp|thăm|tặng|dán|gọi|ghi|báo(?! chí)|nộp|nhận|giữ|gặp|tháo|chọn|lựa chọn|tuần tra"
    r"|trực(?! thuộc| tiếp)|kêu gọi|phê duyệt|quyết định|bàn giao|ủy quyền|nghe|đọc|định hướng|phối|ra|vào|đến"
    r"|tới|nhất là|đặc biệt|rồi|thì|hoặc|tự|chưa|đang|mỗi|này)\b"
)
_SECOND_HALVES = re.compile(
    r"(?:đào tạo|công nghệ|truyền thông|đầu tư|xã hội|môi trường|phát triển nông thôn|thể thao|du lịch|tôn giáo|vừa"
    r"|công nghiệp)\b"
)
_WORD = re.compile(r"\s+([^\W_]+)")
_COMMA_GREAT = re.compile(rf",\s+(?={GREAT})")
_DASH_GREAT = re.compile(rf"\s+[-–]\s+(?={GREAT})")
_JOINT = re.compile(r"(?:\s*,)?\s*(?:và|cùng với|;|&|,)\s+|\s*,\s*")
# "Công an xã, thị trấn": that of any place of these kinds, which is one name with commas in it.
_OF_A_PLACE = r"xã|phường|thị trấn|đặc khu|huyện|thị xã|thành phố"
_OF_ANY = re.compile(rf"(?:công an|ubnd|ủy ban nhân dân|hđnd)\s+(?:{_OF_A_PLACE})(?:,\s+(?:{_OF_A_PLACE}))*$")
_ANY_PLACE = re.compile(rf"(?:{_OF_A_PLACE})\b(?! hội\b)")
# A plural that goes on after its comma.
_OPEN_ENDED = re.compile(rf"(?:{_HEAD_OF})?{_PLURAL}|ubnd các|ủy ban nhân dân các|sở$|công an các")
_PIECE_MORE = re.compile(r"\s+(?:đoàn thể|viễn thông)\b")
_BEHIND = (
    "tỉnh", "thành phố", "liên quan", "có liên quan", "có thẩm quyền", "trên địa bàn", "các ", "chức năng",
    "xã", "phường", "thôn", "thị trấn", "đặc khu",
)  # fmt: skip
_BODIES_ALONE = frozenset(
    {"doanh nghiệp", "cơ quan", "đơn vị", "trạm", "bệnh viện", "công ty", "chi nhánh", "ban", "quỹ"}
)
_WORDS_MAX = 6


@dataclass(frozen=True, slots=True)
class Name:
    """One name as the document writes it, with its place in the sentence. `known`: the taxonomy has it."""

    text: str
    start: int
    end: int
    known: bool


@cache
def _lexicon() -> re.Pattern[str]:
    """All known names, the longest first."""
    names = {fold(name) for row in body_names() for name in (row.vi, *row.also)}
    names -= {"công an", "các ban", "các sở", "các ngành"}  # as beginnings they would cut longer names short
    return re.compile("(?:" + "|".join(sorted(map(re.escape, names), key=len, reverse=True)) + r")(?![^\W_])")


def name_at(text: str, small: str, at: int) -> Name | None:
    """The name of a body that begins at `at`; `small` is the folded text."""
    head = _BEFORE.match(small, at)
    for begin in dict.fromkeys((at, head.end() if head else at)):
        found = _lexicon().match(small, begin)
        if found is not None:
            return Name(text[at : (end := _places(text, small, found.end()))], at, end, known=True)
    person = _PERSON.match(small, at)
    whose = _PLACE_NAME.match(text, person.end() - 1) if person else None
    if person and whose and not _KIND.match(small, person.end()) and not _BEFORE.match(small, person.end()):
        return Name(text[at : whose.end()], at, whose.end(), known=False)
    return _unknown(text, small, at)


def list_at(text: str, at: int) -> list[Name]:
    """The names of a list that begins at `at`, in its order; empty where no name begins there."""
    small = fold(text)
    first = name_at(text, small, at)
    if first is None:
        return []
    names = [first]
    while True:
        last = names[-1]
        joint = _JOINT.match(small, last.end)
        if joint is None:
            return names
        following = name_at(text, small, joint.end())
        piece = _GENERIC_PIECE.match(small, joint.end())
        generic = re.match(_PLURAL, fold(last.text)) is not None and last.text.count(" ") < 3
        bare = following is None or not following.known or generic
        if piece is not None and bare and _OPEN_ENDED.match(fold(last.text)):
            # "các sở, ban, ngành", "UBND các xã, phường": one name with commas in it.
            more = _PIECE_MORE.match(small, piece.end())
            end = _places(text, small, more.end() if more else piece.end())
            names[-1] = Name(text[last.start : end], last.start, end, last.known)
            continue
        place = _ANY_PLACE.match(small, joint.end()) if _OF_ANY.match(fold(last.text)) else None
        if place is not None and _PLACE_NAME.match(text, place.end()) is None:
            names[-1] = Name(text[last.start : place.end()], last.start, place.end(), last.known)
            continue
        if following is None:
            return names
        names.append(following)


def _unknown(text: str, small: str, at: int) -> Name | None:
    """A name that the taxonomy has not: a kind of body, and what belongs to it."""
    found = _KIND.match(small, at)
    if found is None:
        return None
    end = _end_of_unknown(text, small, found)
    name = Name(text[at:end], at, end, known=False)
    if found["plural"] or found["plural2"]:
        return name
    rest = text[found.end() : end].strip()
    if not rest:
        named = (found["head"] and found["kind"] != "tổ") or re.fullmatch(_BRANDS, found["kind"])
        return name if named else None
    return name if rest[:1].isupper() or _is_plain_body(fold(rest), found["kind"]) else None


def _end_of_unknown(text: str, small: str, found: re.Match[str]) -> int:
    """Word by word up to a place, a verb, or the end of the list's piece."""
    end = found.end()
    while True:
        placed = _places(text, small, end, named=False)
        if placed > end:
            return placed
        word = _WORD.match(text, end)
        if word is None:
            joint = _COMMA_GREAT.match(text, end) or _DASH_GREAT.match(text, end)
            if (
                joint is None
                or text[found.start("kind")].islower()
                or name_at(text, small, joint.end()) is not None
            ):
                return end
            end = joint.end() - 1  # "Phòng Bưu chính, Viễn thông", "Phòng Văn hóa - Xã hội"
            continue
        begin = word.start(1)
        if fold(word[1]) == "và":
            if not _SECOND_HALVES.match(small, word.end() + 1) and not _new_word(text, small, word.end() + 1):
                return end
        elif _stops(text, small, begin, text[found.end() : end]):
            return end
        end = word.end()


def _stops(text: str, small: str, begin: int, words: str) -> bool:
    """Whether a verb begins there, and not the second syllable of a name: "Trung tâm Chuyển đổi số"."""
    stop = _STOP.match(small, begin) if text[begin].islower() else None
    return stop is not None and (" " in stop[0] or not _begins_word(words))


def _new_word(text: str, small: str, at: int) -> bool:
    """Whether a word with a great letter stands there that begins no other body's name."""
    return text[at : at + 1].isupper() and not _KIND.match(small, at) and not _lexicon().match(small, at)


def _begins_word(words: str) -> bool:
    """Whether the last syllable behind the kind has a great letter, and the one before it has none."""
    syllables = words.split()
    return syllables[-1:] != [] and syllables[-1][0].isupper() and not "".join(syllables[-2:-1])[:1].isupper()


def _is_plain_body(rest: str, kind: str) -> bool:
    """Whether words in small letters behind a kind make it a body: "doanh nghiệp bưu chính"."""
    return rest.startswith(_BEHIND) or (kind in _BODIES_ALONE and len(rest.split()) <= _WORDS_MAX)


def _places(text: str, small: str, at: int, named: bool = True) -> int:
    """Where the place behind a name ends; `named`: a bare "Hà Nội" is one, too."""
    end = at
    while found := _PLACE.match(small, end):
        end = found.end()
        more = _PLACE_NAME.match(text, end)
        if more and _new_word(text, small, more.start() + 1):
            end = more.end()
    more = _PLACE_NAME.match(text, end)
    if named and end == at and more and _new_word(text, small, more.start() + 1):
        return _places(text, small, more.end(), named=False)
    return end
