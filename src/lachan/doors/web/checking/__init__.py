"""The public check as a person types it: text, picture, bank → an answer's page. The routes stand in `public`."""

from lachan.doors.web.checking.card import CARD_FOR, Card, open_card, seal_card
from lachan.doors.web.checking.page import answer_page, card_page
from lachan.doors.web.checking.picture import card_picture
from lachan.doors.web.checking.shapes import BankQuestion, CardPage, CheckPage, Row
from lachan.doors.web.checking.typed import Incoming, Question, question_of

__all__ = [
    "CARD_FOR",
    "BankQuestion",
    "Card",
    "CardPage",
    "CheckPage",
    "Incoming",
    "Question",
    "Row",
    "answer_page",
    "card_page",
    "card_picture",
    "open_card",
    "question_of",
    "seal_card",
]
