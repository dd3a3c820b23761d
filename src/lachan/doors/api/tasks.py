"""An agency's tasks of plans, for its own system: read, take on, begin, hand over, report, return, approve."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from sqlalchemy.engine import Connection

from lachan.bootstrap import Services
from lachan.doors.api.bodies import JSON, JsonOf
from lachan.doors.api.describe import MESSAGE_ID, needs
from lachan.doors.api.identity import Caller, CallerOf, ServicesOf, demand
from lachan.doors.api.once import Taken, key_of, once
from lachan.doors.api.task_bodies import (
    AgencyRef,
    EvidenceItem,
    StepItem,
    TaskAccepted,
    TaskApproved,
    TaskDelegated,
    TaskDetails,
    TaskItem,
    TaskList,
    TaskNamed,
    TaskReceipt,
    TaskReported,
    TaskReturned,
    TaskStarted,
)
from lachan.doors.api.versions import ETAG, IF_MATCH, as_precondition, etag, version_of
from lachan.foundation.access import Permission, Scope, agency_called, agency_names
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.tasks.actions import accept, approve, delegate, name, report, return_, start
from lachan.plans.tasks.model import EvidenceDraft, EvidenceKind, Task, TaskState, Verb
from lachan.plans.tasks.rules import offered
from lachan.plans.views import lists
from lachan.plans.views.lists import TaskRow
from lachan.plans.views.one import task_page
from lachan.plans.views.sight import Sight, seen_task, sight_of

router = APIRouter(tags=["tasks"])
LIMIT_MOST = 200
_ID, _NEXT = r"^([0-9a-f-]{36})?$", r"^([0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9a-f-]{36})?$"
TaskId = Annotated[str, Path(pattern=MESSAGE_ID["pattern"])]
# What a program does; deadlines and evidence without a report stay on the page.
VERBS = (Verb.ACCEPT, Verb.START, Verb.NAME, Verb.DELEGATE, Verb.REPORT, Verb.RETURN, Verb.APPROVE)


Body = TypeVar("Body", bound=BaseModel)
Only = Literal["", "open", "late", "ahead", "mine", "gathered"]


@router.get(
    "/v1/tasks", response_model=TaskList, response_model_exclude_none=True, openapi_extra=needs(Scope.PLAN)
)  # fmt: skip
def tasks(
    services: ServicesOf,
    caller: CallerOf,
    plan: Annotated[str, Query(pattern=_ID, description="Of one plan; by default of all in force.")] = "",
    state: Annotated[TaskState | None, Query()] = None,
    only: Annotated[Only, Query(description="`gathered`: what waits for the caller to approve.")] = "",
    after: Annotated[str, Query(pattern=_NEXT, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=LIMIT_MOST)] = 50,
) -> TaskList:
    """Tasks that the agency leads, does, helps with or gathers."""
    demand(caller, Permission.PLAN_READ)
    narrow = lists.Narrow(
        plan_id=plan or None, state=state, late=only == "late", open=only == "open", ahead=only == "ahead",
        mine=only == "mine", gathered=only == "gathered", ended=True,
    )  # fmt: skip
    with services.db.read() as conn:
        sight = sight_of(conn, caller.actor, services.clock.now())
        found = lists.task_queue(conn, sight, narrow, after=after, limit=limit)
        names = _names(conn, [one.task for one in found.rows])
    return TaskList(
        items=tuple(TaskItem(**_item(one, names, sight)) for one in found.rows), next=found.after or None
    )


@router.get(
    "/v1/tasks/{task_id}", response_model=TaskDetails,
    openapi_extra=needs(Scope.PLAN), responses={200: {"headers": ETAG}},
)  # fmt: skip
def task(services: ServicesOf, caller: CallerOf, task_id: TaskId, response: Response) -> TaskDetails:
    """One task; its `ETag` is what a change names in `If-Match`."""
    demand(caller, Permission.PLAN_READ)
    with services.db.read() as conn:
        sight = sight_of(conn, caller.actor, services.clock.now())
        found = task_page(conn, sight, task_id)
        one, clause = found.task, found.clause
        names = _names(conn, [one], [*clause.coordinators, *(step.agency_id for step in found.steps)])
    row = TaskRow(one, clause.ref, clause.text, found.plan.number, clause.demands)
    may = offered(one, leads=sight.does(one), consolidates=sight.gathers(found.plan))
    response.headers.update(etag(one.version))
    return TaskDetails(
        **_item(row, names, sight), section=clause.section, recurrence=clause.recurrence,
        coordinators=tuple(names(each) for each in clause.coordinators),
        steps=tuple(
            StepItem(
                verb=step.verb, state=step.state, agency=names(step.agency_id) if step.agency_id else None,
                at=step.at, words=step.words,
            )
            for step in found.steps
        ),
        evidence=tuple(
            EvidenceItem(kind=each.kind, reference=each.reference, title=each.title, added_at=each.added_at)
            for each in found.evidence
        ),
        may=tuple(verb for verb in may if verb in VERBS),
    )  # fmt: skip


def _described(model: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "The same key and body again have one effect; another body under the key is refused (409).",
        "schema": MESSAGE_ID,
    }
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {
        **needs(Scope.PLAN),
        "parameters": [key, IF_MATCH],
        "requestBody": {
            "required": True, "content": {JSON: {"schema": schema, "examples": {"one": {"value": example}}}},
        },
    }  # fmt: skip


@router.post(
    "/v1/tasks/{task_id}/accept", response_model=TaskReceipt, status_code=201,
    openapi_extra=_described(TaskAccepted, {}), responses={201: {"headers": ETAG}},
)  # fmt: skip
def accept_task(
    request: Request, services: ServicesOf, caller: CallerOf, task_id: TaskId, body: JsonOf
) -> Response:  # fmt: skip
    """The lead takes the task on."""
    return _step(
        request, services, caller, task_id, body, TaskAccepted, lambda unit, _said, version: accept(
            unit, task_id, version=version
        ),
    )  # fmt: skip


@router.post(
    "/v1/tasks/{task_id}/start", response_model=TaskReceipt, status_code=201,
    openapi_extra=_described(TaskStarted, {}), responses={201: {"headers": ETAG}},
)  # fmt: skip
def start_task(
    request: Request, services: ServicesOf, caller: CallerOf, task_id: TaskId, body: JsonOf
) -> Response:  # fmt: skip
    """Work on the task has begun."""
    return _step(
        request, services, caller, task_id, body, TaskStarted, lambda unit, _said, version: start(
            unit, task_id, version=version
        ),
    )  # fmt: skip


@router.post(
    "/v1/tasks/{task_id}/name", response_model=TaskReceipt, status_code=201,
    openapi_extra=_described(TaskNamed, {"head": "Giám đốc Nguyễn Văn An", "person": "Trần Thị Bình"}),
    responses={201: {"headers": ETAG}},
)  # fmt: skip
def name_people(
    request: Request, services: ServicesOf, caller: CallerOf, task_id: TaskId, body: JsonOf
) -> Response:  # fmt: skip
    """Who answers for the task at the agency, and who does it; both are said each time."""
    return _step(
        request, services, caller, task_id, body, TaskNamed, lambda unit, said, version: name(
            unit, task_id, said.head, said.person, version=version
        ),
    )  # fmt: skip


@router.post(
    "/v1/tasks/{task_id}/delegate", response_model=TaskReceipt, status_code=201,
    openapi_extra=_described(TaskDelegated, {"to": "UBND phường Bến Đá", "words": "Phường làm trước."}),
    responses={201: {"headers": ETAG}},
)  # fmt: skip
def delegate_task(
    request: Request, services: ServicesOf, caller: CallerOf, task_id: TaskId, body: JsonOf
) -> Response:  # fmt: skip
    """The lead hands the work to another agency, and still answers for it."""

    def do(unit: Unit, said: TaskDelegated, version: int) -> Task:
        other = agency_called(unit.conn, said.to, vietnam_date(unit.now), "to")
        return delegate(unit, task_id, other.id, said.words, version=version)

    return _step(request, services, caller, task_id, body, TaskDelegated, do)


@router.post(
    "/v1/tasks/{task_id}/report", response_model=TaskReceipt, status_code=201,
    openapi_extra=_described(
        TaskReported,
        {"words": "Đã kiểm tra 12 máy.", "evidence": [{"kind": "link", "reference": "https://sonha.gov.vn/tin/12"}]},
    ),
    responses={201: {"headers": ETAG}},
)  # fmt: skip
def report_task(
    request: Request, services: ServicesOf, caller: CallerOf, task_id: TaskId, body: JsonOf
) -> Response:  # fmt: skip
    """What was done, with what shows it."""

    def do(unit: Unit, said: TaskReported, version: int) -> Task:
        shown = [EvidenceDraft(EvidenceKind(one.kind), one.reference, one.title) for one in said.evidence]
        return report(unit, task_id, said.words, shown, version=version)

    return _step(request, services, caller, task_id, body, TaskReported, do)


@router.post(
    "/v1/tasks/{task_id}/return", response_model=TaskReceipt, status_code=201,
    openapi_extra=_described(TaskReturned, {"remark": "Thiếu danh sách kèm theo."}),
    responses={201: {"headers": ETAG}},
)  # fmt: skip
def return_task(
    request: Request, services: ServicesOf, caller: CallerOf, task_id: TaskId, body: JsonOf
) -> Response:  # fmt: skip
    """The consolidating agency sends the report back."""
    return _step(
        request, services, caller, task_id, body, TaskReturned, lambda unit, said, version: return_(
            unit, task_id, said.remark, version=version
        ),
    )  # fmt: skip


@router.post(
    "/v1/tasks/{task_id}/approve", response_model=TaskReceipt, status_code=201,
    openapi_extra=_described(TaskApproved, {"remark": "Đủ."}), responses={201: {"headers": ETAG}},
)  # fmt: skip
def approve_task(
    request: Request, services: ServicesOf, caller: CallerOf, task_id: TaskId, body: JsonOf
) -> Response:  # fmt: skip
    """The consolidating agency takes the report of another agency; its own it approves on the page."""
    return _step(
        request, services, caller, task_id, body, TaskApproved, lambda unit, said, version: approve(
            unit, task_id, said.remark, version=version
        ),
    )  # fmt: skip


def _step(
    request: Request, services: Services, caller: Caller, task_id: str, body: bytes, model: type[Body],
    act: Callable[[Unit, Body, int], Task],
) -> Response:  # fmt: skip
    """One step of a task, once; against the version that was read."""
    demand(caller, Permission.PLAN_READ)
    key, version = key_of(request.headers), version_of(request.headers)
    try:
        said = model.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from None

    def do(unit: Unit) -> Taken:
        # What an agency may not see is not there for it, whatever it wants to do with it.
        seen_task(unit.conn, sight_of(unit.conn, unit.actor, unit.now), task_id)
        done = act(unit, said, version)
        return Taken(f"{done.state.value}.{done.version}", TaskReceipt(state=done.state, version=done.version))

    with as_precondition():
        done = once(services, caller, request, key, body, do)
    state, _, number = done.outcome.partition(".")
    answer = done.response(201, lambda _at: TaskReceipt(state=TaskState(state), version=int(number)))
    answer.headers.update(etag(int(number)))
    return answer


def _names(conn: Connection, found: list[Task], more: Any = ()) -> Callable[[str], AgencyRef]:
    ids = [one for each in found for one in (each.lead_id, each.delegate_id)]
    known = agency_names(conn, [one for one in (*ids, *more) if one])
    return lambda agency_id: AgencyRef(id=agency_id, name=known.get(agency_id, ""))


def _item(row: TaskRow, names: Callable[[str], AgencyRef], sight: Sight) -> dict[str, Any]:
    one = row.task
    return {
        "id": one.id, "plan": one.plan_id, "plan_number": row.plan_number, "ref": row.ref, "text": row.text,
        "demands": row.demands, "lead": names(one.lead_id),
        "delegate": names(one.delegate_id) if one.delegate_id else None, "head": one.head, "person": one.person,
        "state": one.state, "due_on": one.due_on, "deadline": one.deadline, "period_to": one.period_to,
        "overdue": one.overdue(sight.today), "version": one.version,
    }  # fmt: skip
