"""The answer to a stranger: the engine's verdict, and for what is not clear the registry's reasons."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.foundation.base import Language
from lachan.registry import VERDICT_ORDER, Verdict, covering_keys, guard_of
from lachan.registry.views import public_sight
from lachan.screening.advice import Advice, Context, advise
from lachan.screening.engine import Engine
from lachan.screening.lookup.model import Asked, Looked


def look_up(
    engine: Engine, read: Callable[[], AbstractContextManager[Connection]], asked: Sequence[Asked], now: datetime
) -> list[Looked]:
    """What may be said about each, the gravest first. `read` opens a connection, only where something is listed.

    A name that covers a link (domain of a listed scam site) speaks for it.
    """
    groups = [_covering(one) for one in asked]
    answers = iter(engine.screen([key for group in groups for key in group]))
    suspects = [[key for key in group if next(answers).verdict is not Verdict.CLEAR] for group in groups]
    looked = [Looked(one, Verdict.CLEAR) for one in asked]
    if any(suspects):
        with read() as conn:
            for number, keys in enumerate(suspects):
                # The registry has the last word: what was delisted a moment ago is not shown.
                if keys and (sight := public_sight(conn, keys, now)):
                    looked[number] = Looked(asked[number], sight.verdict, sight)
    return sorted(looked, key=lambda one: -VERDICT_ORDER.index(one.verdict))


def advise_on(looked: Sequence[Looked], language: Language, now: datetime) -> Advice:
    """What to do, about the gravest; where nothing could be looked up, that."""
    if not looked:
        return advise(None, (), None, None, Context(), language, now)
    first = looked[0]
    reasons, form = (first.sight.reasons, first.sight.scam_form) if first.sight else ((), None)
    return advise(
        first.verdict, reasons, form, None, Context(), language, now, kind=first.asked.kind.value
    )  # fmt: skip


def _covering(asked: Asked) -> list[str]:
    return list(dict.fromkeys(above for key in asked.keys for above in covering_keys(key, guard_of)))
