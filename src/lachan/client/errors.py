"""What can go wrong between an institution and a center.

ClientError
├── Unreachable         no answer after every attempt: nothing is known, send the same message again later
└── Refused             the center said no, and why: `reason` is stable, `problem` the RFC 9457 problem
    ├── Unavailable     "not now" (429, 5xx), to every attempt
    ├── NotAuthorised   the client, its token or its signature is not accepted (401, 403)
    └── Conflicting     the state does not allow it, for example `superseded` (409)
"""

from lachan.foundation.protocol import Problem


class ClientError(Exception):
    """Base of everything this package raises about the center."""


class Unreachable(ClientError):
    """No answer came back."""


class Refused(ClientError):
    """The center said no."""

    def __init__(self, status: int, problem: Problem) -> None:
        self.status = status
        self.problem = problem
        where = f" ({problem.field})" if problem.field else ""
        super().__init__(f"{status} {problem.reason or problem.type}{where}: {problem.detail or problem.title}")

    @property
    def reason(self) -> str | None:
        """The named reason, as in the protocol's table of reasons."""
        return self.problem.reason

    @property
    def type(self) -> str:
        """The problem's stable type."""
        return self.problem.type


class Unavailable(Refused):
    """The center cannot do it now; it asks to wait `retry_after_s` seconds (0: it does not say)."""

    def __init__(self, status: int, problem: Problem, retry_after_s: float = 0.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(status, problem)


class NotAuthorised(Refused):
    """The client, its token or its signature is not accepted."""


class Conflicting(Refused):
    """The state of the thing does not allow it."""
