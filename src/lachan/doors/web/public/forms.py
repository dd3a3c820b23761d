"""Public forms: a page that lay open too long is shown again with everything typed, not thrown away."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from lachan.doors.web.visit import Form, VisitOf, form_of
from lachan.foundation.access import AccessReason
from lachan.foundation.base import NotAllowed
from lachan.response.shapes import Message


@dataclass(frozen=True, slots=True)
class PublicForm:
    """What was sent. While it is `expired` nothing may be done with it but show it again."""

    form: Form
    expired: bool

    @property
    def fields(self) -> dict[str, str]:
        """The text fields."""
        return {name: value for name, value in self.form.fields.items() if isinstance(value, str)}

    @property
    def error(self) -> Message | None:
        """Why nothing was done, if it was not."""
        return Message(f"reason.{AccessReason.FORM_EXPIRED.value}") if self.expired else None


async def public_form_of(request: Request, visit: VisitOf) -> PublicForm:
    """The form, checked; a stranger's token that is not ours any more is no reason to lose a story."""
    try:
        return PublicForm(await form_of(request, visit), expired=False)
    except NotAllowed as error:
        if error.reason is not AccessReason.FORM_EXPIRED:
            raise
    # Read already, and within its limits: the request keeps it.
    return PublicForm(Form(await request.form()), expired=True)


PublicFormOf = Annotated[PublicForm, Depends(public_form_of)]
