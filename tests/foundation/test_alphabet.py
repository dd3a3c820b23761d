"""Names stand in the order in which a Vietnamese reader looks for them."""

from unicodedata import normalize

from lachan.foundation.base import alphabetical


def test_names_stand_in_the_order_of_a_vietnamese_dictionary() -> None:
    ordered = [
        "An Lạc", "Ăn Khê", "Ấm Thượng", "Ân Thi", "Bảo Lâm", "Cần Thơ", "Dương", "Đàm Thủy", "Đoài", "Hạ Long",
        "Ô Loan", "Ơn", "Sở Công Thương", "Sở Tài chính", "Ủy ban nhân dân", "Yên Bái",
    ]  # fmt: skip
    assert sorted(ordered, key=alphabetical) == ordered
    assert sorted(ordered) != ordered


def test_tones_count_only_between_words_that_are_otherwise_the_same() -> None:
    assert sorted(["mạ", "má", "mã", "mả", "mà", "ma"], key=alphabetical) == ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert sorted(["hoa", "hòa b", "hòa a"], key=alphabetical) == ["hoa", "hòa a", "hòa b"]
    # Numbers and spaces before letters, and one name typed in two ways in one place.
    assert sorted(["Ab", "A b", "1"], key=alphabetical) == ["1", "A b", "Ab"]
    assert alphabetical("Đức")[:2] == alphabetical(normalize("NFD", "Đức"))[:2]
