"""The plans of a document, each made when it is first needed."""

from collections.abc import Mapping

from jsonschema_path import SchemaPath

from contratempo.contract.casting import Resolve
from contratempo.contract.judge import Judge
from contratempo.contract.requests import RequestCheck

from .answers import AnswerPlan
from .requests import RequestPlan


class Plans:
    """The plans of requests, by the tree of the checks they stand for, and of answers, by that of their judge."""

    def __init__(
        self,
        checks: Mapping[tuple[str, bool], RequestCheck],
        judge: Judge,
        operations: Mapping[str, SchemaPath],
        resolve: Resolve,
    ) -> None:
        self._checks, self._judge, self._operations, self._resolve = checks, judge, operations, resolve
        self._requests: dict[tuple[str, bool], RequestPlan] = {}
        self._answers: dict[str, AnswerPlan] = {}

    def request(self, operation: str, naive: bool) -> RequestPlan:
        """The plan of an operation's requests, with or without naive date-times."""
        plan = self._requests.get((operation, naive))
        if plan is None:
            check = self._checks[operation, naive]
            plan = self._requests[operation, naive] = RequestPlan(check.judge, check, check.resolve, naive=naive)
        return plan

    def answer(self, operation: str) -> AnswerPlan:
        """The plan of an operation's answers."""
        plan = self._answers.get(operation)
        if plan is None:
            plan = self._answers[operation] = AnswerPlan(self._judge, self._operations[operation], self._resolve)
        return plan
