"""A trace's money: the rules side by side, at any instant, and the exhibit of it."""

from lachan.response.views.money.exhibit import exhibit_pdf, issued_exhibit, issued_exhibits
from lachan.response.views.money.load import At, typed_instant
from lachan.response.views.money.page import traced_page

__all__ = ["At", "exhibit_pdf", "issued_exhibit", "issued_exhibits", "traced_page", "typed_instant"]
