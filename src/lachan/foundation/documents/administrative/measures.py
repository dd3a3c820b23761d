"""The layout of Decree 30/2020/NĐ-CP, annex I, as both writers use it: millimetres and points.

Where the decree leaves a range, the value stands inside it and the range beside it.
"""

from typing import Final

PAGE_MM: Final = (210.0, 297.0)
TOP_MM: Final = 20.0  # 20–25
BOTTOM_MM: Final = 20.0  # 20–25
LEFT_MM: Final = 30.0  # 30–35
RIGHT_MM: Final = 15.0  # 15–20
TEXT_MM: Final = PAGE_MM[0] - LEFT_MM - RIGHT_MM
ISSUER_SHARE: Final = 42  # of the head's 100; the rest is the motto's

REPUBLIC_PT: Final = 12.0  # 12–13
MOTTO_PT: Final = 13.0  # 13–14
ISSUER_PT: Final = 12.0  # 12–13
NUMBER_PT: Final = 13.0  # 13
SUBJECT_PT: Final = 12.0  # 12–13
PLACE_PT: Final = 13.0  # 13–14
URGENCY_PT: Final = 13.0  # 13–14
TYPE_PT: Final = 14.0  # 13–14
ABSTRACT_PT: Final = 14.0  # 13–14
BODY_PT: Final = 14.0  # 13–14
TABLE_PT: Final = 12.0
WIDE_TABLE_PT: Final = 10.0
SIGNATURE_PT: Final = 14.0  # 13–14
RECIPIENTS_TITLE_PT: Final = 12.0  # 12
RECIPIENTS_PT: Final = 11.0  # 11
PAGE_NUMBER_PT: Final = 13.0  # 13–14

INDENT_MM: Final = 12.7  # 10–12.7
PARAGRAPH_PT: Final = 6.0  # at least 6 between paragraphs
LINES: Final = 1.1  # single to one and a half
WIDE_FROM_COLUMNS: Final = 7
"""From so many columns on an annex lies across."""

FONT: Final = "Times New Roman"
"""What an office has; the PDF is set in Tinos, of the same widths."""
