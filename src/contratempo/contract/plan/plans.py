"""The plans of a document, each made when it is first needed."""

from collections.abc import Mapping

from contratempo.contract.casting import Resolve
from contratempo.contract.judge import Judge
from contratempo.contract.requests import RequestCheck

from .answers import AnswerPlan
from .requests import RequestPlan


class Plans:
    """The plans of one prepared tree: of requests under either judge, and of answers, which are judged strictly."""

    def __init__(
        self, strict: Judge, naive: Judge, checks: Mapping[tuple[str, bool], RequestCheck], resolve: Resolve
    ) -> None:
        self._judges, self._checks, self._resolve = {False: strict, True: naive}, checks, resolve
        self._requests: dict[tuple[str, bool], RequestPlan] = {}
        self._answers: dict[str, AnswerPlan] = {}

    def request(self, operation: str, naive: bool) -> RequestPlan:
        """The plan of an operation's requests, with or without naive date-times."""
        plan = self._requests.get((operation, naive))
        if plan is None:
            check = self._checks[operation, naive]
            plan = RequestPlan(self._judges[naive], check, self._resolve, naive=naive)
            self._requests[operation, naive] = plan
        return plan

    def answer(self, operation: str) -> AnswerPlan:
        """The plan of an operation's answers."""
        plan = self._answers.get(operation)
        if plan is None:
            operation_node = self._checks[operation, False].operation
            plan = self._answers[operation] = AnswerPlan(self._judges[False], operation_node, self._resolve)
        return plan
