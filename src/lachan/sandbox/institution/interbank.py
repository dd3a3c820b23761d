"""The institution's line to the interbank switch, and a look into its book for tests."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lachan.foundation.base import NotFound
from lachan.foundation.protocol.coins import Direction
from lachan.sandbox.book import Entry, spans_as_pairs
from lachan.sandbox.institution.counter import Counter
from lachan.sandbox.postings import Posting


def interbank_routes(counter: Counter) -> list[Route]:
    """`/switch/*` books runs; `/book/{account}` and `/holds` show what stands in the book."""

    async def debits(request: Request) -> Response:
        run = orjson.loads(await request.body())
        return _json({"failed": counter.debit(run["run"], _postings(run["postings"]))})

    async def arrivals(request: Request) -> Response:
        run = orjson.loads(await request.body())
        counter.credit(run["run"], _postings(run["postings"]), run["through_us"], run["next_us"])
        return _json({})

    async def mark(_: Request) -> Response:
        here = counter.book.mark
        return _json({"run": here.run, "through_us": here.through_us, "open": here.open})

    async def account(request: Request) -> Response:
        try:
            page = counter.book.page(request.path_params["account"])
        except NotFound as error:
            return _json({"reason": error.reason.value}, 404)
        return _json(
            {
                "opening_vnd": page.opening_vnd,
                "balance_vnd": page.balance_vnd,
                "held_vnd": page.held_vnd,
                "entries": [_entry(entry) for entry in page.entries],
            }
        )

    async def holds(_: Request) -> Response:
        kept = (entry for account in counter.book.accounts() for entry in counter.book.page(account).entries)
        frozen = [entry for entry in kept if entry.direction in (Direction.HOLD, Direction.RELEASE)]
        return _json({"holds": [_entry(entry) for entry in sorted(frozen, key=lambda e: (e.at_us, e.sequence))]})

    return [
        Route("/switch/debits", debits, methods=["POST"]),
        Route("/switch/credits", arrivals, methods=["POST"]),
        Route("/switch/mark", mark),
        Route("/book/{account:path}", account),
        Route("/holds", holds),
    ]


def _postings(rows: list[list[Any]]) -> list[Posting]:
    return [Posting(*row) for row in rows]


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "account": entry.account,
        "sequence": entry.sequence,
        "id": entry.id,
        "at_us": entry.at_us,
        "direction": entry.direction.value,
        "amount_vnd": entry.amount_vnd,
        "counterparty": entry.counterparty,
        "reference": entry.reference,
        "spans": spans_as_pairs(entry.spans),
    }


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
