"""Names of bodies in a sentence: where a name begins, where it ends, and how a list of them goes on.

A name is one that the taxonomy knows, with its place ("Công an tỉnh Cao Bằng"), or a word for a kind of body with what
follows it ("các doanh nghiệp viễn thông trên địa bàn") up to the next verb.
"""

import re
from dataclasses import dataclass
from functools import cache

from lachan.foundation.taxonomy import body_names
from lachan.plans.reading.letters import GREAT, fold

_PLURAL = r"(?:tất cả\s+)?(?:các|những|toàn bộ các|từng|mọi)\s+"
_HEAD_OF = (
    r"(?:(?:đồng chí\s+)?(?:thủ trưởng|chủ tịch|giám đốc|lãnh đạo|trưởng|người đứng đầu|cục trưởng|chánh văn phòng"
    r"|hiệu trưởng|tổng giám đốc|đồng chí)\s+)"
)
_KINDS = (
    r"sở|ban ngành|ban|ngành|bộ|cục|chi cục|công an|ủy ban nhân dân|ủy ban|ubnd|hđnd|viện|ngân hàng|đài|báo|cơ quan"
    r"|đơn vị|địa phương|tổ chức|đoàn thể|hội|hiệp hội|liên đoàn|liên minh|đoàn|văn phòng|thanh tra|phòng|trung tâm"
    r"|trường|học viện|kho bạc|quỹ|doanh nghiệp|công ty|tập đoàn|chi nhánh|cấp|tổ|trạm|bệnh viện|bưu điện|xã|phường"
    r"|huyện|quận|thị xã|thị trấn|thành phố|bưu chính|sàn|nền tảng|chính phủ|thủ tướng chính phủ|thành ủy|tỉnh ủy"
    r"|đảng ủy|huyện ủy|câu lạc bộ|hợp tác xã|khối|cá nhân|vụ"
)
# Only with a plural, a great letter or a place behind them are these bodies: alone they begin verbs and other nouns.
_KIND = re.compile(rf"(?P<plural>{_PLURAL})?(?P<head>{_HEAD_OF})?(?P<plural2>{_PLURAL})?(?P<kind>{_KINDS})\b")
_GENERIC_PIECE = re.compile(
    r"(?:sở|ban ngành|ban|ngành|đơn vị|cơ quan|địa phương|đoàn thể|tổ chức|phường|xã|thị trấn|thành phố|thị xã|huyện|quận"
    r"|đặc khu|báo chí|hội|viễn thông|cá nhân|doanh nghiệp)\b"
)
# What may stand behind a name and belongs to it.
_PLACE = re.compile(
    r"(?<=khu vực)\s+(?:\d{1,2}|[ivx]+)\b|\s+(?:khu vực\s+(?:\d{1,2}\b|[ivx]+\b)|các cấp\b|cấp\s+(?:tỉnh|huyện|xã)\b|trung ương\b|việt nam\b|liên quan\b"
    r"|có liên quan\b|có thẩm quyền\b|chức năng\b|chuyên môn\b|trực thuộc\b|trên địa bàn(?:\s+(?:tỉnh|thành phố))?\b"
    r"|(?:tỉnh|thành|huyện|đảng) ủy\b|(?:thuộc|trong)\s+(?:tỉnh|thành phố|sở)\b|(?:tỉnh|thành phố|tp\.?|sở|huyện)(?=\W|$)|bộ công an\b|bộ quốc phòng\b"
    r"|của bộ quốc phòng\b|thuộc bộ công an\b)"
)
_PLACE_NAME = re.compile(rf"\s+{GREAT}[^\W\d_]*(?:\s+{GREAT}[^\W\d_]*){{0,3}}")
_STOP = re.compile(
    r"(?:để|nhằm|trong|theo|về|từ|tại|khi|nếu|trước|sau|qua|bằng|do|mà|đối với|với|cho|gửi|trên|có|được|phải|cần"
    r"|không|đã|sẽ|là|gồm|bao gồm|căn cứ|thường xuyên|kịp thời|chủ động|chủ trì|tiếp tục|định kỳ|hằng|hàng|khẩn trương"
    r"|tích cực|tập trung|nghiêm túc|đồng thời|chịu|cùng|trực tiếp|nghiên cứu|xây dựng|tăng cường|tổ chức|triển khai"
    r"|thực hiện|tham mưu|đề xuất|rà|kiểm|thanh tra|giám sát|hướng dẫn|đôn đốc|theo dõi|báo cáo|tổng hợp|cung cấp"
    r"|chỉ đạo|phối hợp|quán triệt|tuyên truyền|phổ biến|vận động|xử|ngăn|phát|điều|xác|đẩy|nâng|đổi|ban hành|bố trí"
    r"|cân đối|lập|mở|đưa|đăng|niêm yết|công bố|công khai|cảnh báo|đề nghị|yêu cầu|giao|kiến nghị|chuẩn bị|tiếp nhận"
    r"|giải quyết|trả lời|thông báo|cập nhật|khai thác|kết nối|chia sẻ|trao đổi|vận hành|thống nhất|biên soạn|tập huấn"
    r"|đào tạo|hỗ trợ|khen|lồng|in|dựng|quét|chặn|khóa|thu|gỡ|xóa|nhắc|dịch|trình|thẩm|đối|chuyển|tiến hành|huy động"
    r"|giới thiệu|khảo sát|nhân rộng|duy trì|thiết lập|thành lập|phân|cử|bảo đảm|đảm bảo|làm|ký|tham gia|quản lý"
    r"|sử dụng|ứng dụng|nắm|đấu tranh|phòng|chống|hậu kiểm|siết|sơ kết|tổng kết|đánh giá|đặt|treo|gắn|nhắn|tạm"
    r"|dành|kiểm soát|hoàn thành|hoàn thiện|tư vấn|thí điểm|thử nghiệm|lưu|trang bị|mua|đầu tư|thông tin|ngoài|như"
    r"|bị|sao|trích|đảm|giúp|định hướng|phối|ra|vào|đến|tới|nhất là|đặc biệt|rồi|thì|hoặc|tự|chưa|đang|mỗi|này)\b"
)
_SECOND_HALVES = re.compile(
    r"(?:đào tạo|công nghệ|truyền thông|đầu tư|xã hội|môi trường|phát triển nông thôn|thể thao|du lịch|tôn giáo|vừa"
    r"|công nghiệp)\b"
)
_SPACES = re.compile(r"\s+")


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
    head = re.compile(rf"(?:{_PLURAL})?{_HEAD_OF}(?:{_PLURAL})?|{_PLURAL}").match(small, at)
    for begin in dict.fromkeys((at, head.end() if head else at)):
        found = _lexicon().match(small, begin)
        if found is not None:
            return Name(text[at : (end := _places(text, small, found.end()))], at, end, known=True)
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
        joint = re.compile(r"(?:\s*,)?\s*(?:và|cùng với|;|&|,)\s+|\s*,\s*").match(small, last.end)
        if joint is None:
            return names
        following = name_at(text, small, joint.end())
        piece = _GENERIC_PIECE.match(small, joint.end())
        generic = re.match(_PLURAL, fold(last.text)) is not None and last.text.count(" ") < 3
        bare = following is None or not following.known or generic
        if piece is not None and bare and re.match(rf"(?:{_HEAD_OF})?{_PLURAL}|ubnd các|ủy ban nhân dân các|sở$|công an các",
                                                   fold(last.text)):  # fmt: skip
            # "các sở, ban, ngành", "UBND các xã, phường": one name with commas in it.
            end = _places(text, small, _piece_end(text, small, joint.end(), piece.end()))
            names[-1] = Name(text[last.start : end], last.start, end, last.known)
            continue
        if following is None:
            return names
        names.append(following)


def _piece_end(text: str, small: str, start: int, end: int) -> int:
    """"tổ chức đoàn thể có liên quan" is one piece of a list."""
    more = re.compile(r"\s+(?:đoàn thể|viễn thông)\b").match(small, end)
    return more.end() if more else end


def _unknown(text: str, small: str, at: int) -> Name | None:
    """A name that the taxonomy has not: a kind of body, and what belongs to it."""
    found = _KIND.match(small, at)
    if found is None:
        return None
    plural = bool(found["plural"] or found["plural2"])
    end = found.end()
    while True:
        placed = _places(text, small, end, named=False)
        if placed > end:
            end = placed
            break
        word = re.compile(r"\s+([^\W_]+)").match(text, end)
        if word is None:
            joint = re.compile(rf",\s+(?={GREAT})").match(text, end)
            if joint and text[found.start("kind")].isupper() and _KIND.match(small, joint.end()) is None:
                # "Phòng Bưu chính, Viễn thông"
                if _lexicon().match(small, joint.end()) is None and name_at(text, small, joint.end()) is None:
                    end = joint.end() - 1
                    continue
            break
        if fold(word[1]) == "và":
            after = word.end() + 1
            if not (_SECOND_HALVES.match(small, after) or (text[after : after + 1].isupper()
                    and _KIND.match(small, after) is None and _lexicon().match(small, after) is None)):  # fmt: skip
                break
            end = word.end()
            continue
        if text[word.start(1)].islower() and (stop := _STOP.match(small, word.start(1))):
            # "Trung tâm Chuyển đổi số": the second syllable of a word that began with a great letter.
            if " " in stop[0] or not _begins_word(text, end):
                break
        end = word.end()
    rest = text[found.end() : end].strip()
    if found["head"] and not rest and not plural:
        return Name(text[at:end], at, end, known=False) if found["kind"] != "tổ" else None
    if not plural and not (rest and (text[found.end() :].lstrip()[:1].isupper() or _is_plain_body(rest, found["kind"]))):
        return None
    return Name(text[at:end], at, end, known=False)


def _begins_word(text: str, end: int) -> bool:
    """Whether the syllable that ends here has a great letter, and the one before it has none."""
    before = text[:end].split(" ")
    return before[-1][:1].isupper() and len(before) > 1 and before[-2][:1].islower()


def _is_plain_body(rest: str, kind: str) -> bool:
    """Whether words in small letters behind a kind make it a body: "sở chuyên ngành", "doanh nghiệp bưu chính"."""
    places = ("tỉnh", "thành phố", "liên quan", "có liên quan", "có thẩm quyền", "trên địa bàn", "các ", "chức năng")
    if fold(rest).startswith(places):
        return True
    return kind in {"doanh nghiệp", "cơ quan", "đơn vị", "trạm", "bệnh viện", "công ty", "chi nhánh", "ban", "quỹ"} and (
        len(rest.split()) <= 6
    )


def _places(text: str, small: str, at: int, named: bool = True) -> int:
    """Where the place behind a name ends; `named`: a bare "Hà Nội" is one, too."""
    end = at
    while True:
        if found := _PLACE.match(small, end):
            end = found.end()
            if (more := _PLACE_NAME.match(text, end)) and not _KIND.match(small, more.start() + 1):
                if _lexicon().match(small, more.start() + 1) is None:
                    end = more.end()
            continue
        if named and end == at and (more := _PLACE_NAME.match(text, end)):
            begin = more.start() + 1
            if _KIND.match(small, begin) is None and _lexicon().match(small, begin) is None:
                end = more.end()
                continue
        return end


def names_only(text: str) -> bool:
    """Whether the text is nothing but names of bodies."""
    names = list_at(text, 0)
    return bool(names) and not re.sub(r"^\s*(?:\([^)]*\))?[\s.:;]*$", "", text[names[-1].end :])
