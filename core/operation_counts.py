"""The work that an operation causes, counted where it is done."""

from contextvars import ContextVar


class OperationCounts:
    """Counts statements and batches of loaders of one operation, and the seconds that it waited for connections.

    `problems` are the codes of problems that its mutations returned.
    """

    __slots__ = ("batches", "pool_seconds", "problems", "statements")

    def __init__(self) -> None:
        self.statements = 0
        self.batches = 0
        self.pool_seconds = 0.0
        self.problems: list[str] | None = None

    def note_problem(self, code: str) -> None:
        """Notes the code of a problem that a mutation returns."""
        if self.problems is None:
            self.problems = []
        self.problems.append(code)


operation_counts: ContextVar[OperationCounts | None] = ContextVar("operation_counts", default=None)
"""The counts of the operation of the current task."""
