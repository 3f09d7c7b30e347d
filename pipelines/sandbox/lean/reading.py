"""What the data endpoints of one region answer with: lists of an entity in Lean's envelope, now or later."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.sandbox.lean.balances import balances
from pipelines.sandbox.lean.connections import Entity
from pipelines.sandbox.lean.naming import told_at
from pipelines.sandbox.lean.orders import orders
from pipelines.sandbox.lean.pages import PageAsked, page_asked
from pipelines.sandbox.lean.refusals import bad_parameter, refusal
from pipelines.sandbox.lean.town import LeanTown
from pipelines.sandbox.lean.transactions import Statement

_PERMISSION = {"balances": "balance", "identity": "identity"}
_LISTED_AS = {"identity": "identities"}
_OLDER_ACCOUNT = ("account_holder_name", "account_holder_short_name", "regional_data")
_RECONNECT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Question:
    """What a data request asks for; enough to answer it later.

    Attributes:
        kind: accounts, identity, or the last part of an account's address.
        entity_id: Whose.
        account_id: Which account, or empty.
        page: Which page.
        first: Earliest date, or None.
        last: Latest date, or None.
        insights: Whether transactions are categorised.
    """

    kind: str
    entity_id: str
    account_id: str
    page: PageAsked
    first: dt.date | None
    last: dt.date | None
    insights: bool


@dataclass(slots=True)
class Promise:
    """A question that is answered later, from a moment of the monotonic clock on."""

    question: Question
    ready_at: float
    made_on: dt.date


def question_of(kind: str, account_id: str, params: Mapping[str, str], today: dt.date) -> Question:
    """What a request asks for. Raises Refusal for parameters that are missing or malformed."""
    entity_id = params.get("entity_id", "")
    for name, text in (("entity_id", entity_id), *((("account_id", account_id),) if account_id else ())):
        if not is_id(text):
            raise bad_parameter(name, text)
    for name in ("async", "insights", "force_refresh", "verbose"):
        if params.get(name, "false") not in {"true", "false"}:
            raise bad_parameter(name, params[name])
    first, last = (_day(params, name, today) for name in ("start_date", "end_date"))
    if first is not None and last is not None and first > last:
        raise bad_parameter("start_date", first)
    return Question(
        kind, entity_id, account_id, page_asked(params), first, last, insights=params.get("insights") == "true"
    )


def permission_of(kind: str) -> str:
    """The permission a kind of data needs."""
    return _PERMISSION.get(kind, kind.replace("-", "_"))


class Reader:
    """Answers questions, and keeps those that are answered later."""

    def __init__(self, town: LeanTown) -> None:
        """Read from the town."""
        self._town = town
        self._promises: dict[str, Promise] = {}

    def answer(self, question: Question, results_id: str = "") -> dict[str, object]:
        """The envelope with the asked page. Raises Refusal."""
        entity = self._town.entity(question.entity_id)
        total, rows = self._rows(entity, question)
        listed_as = _LISTED_AS.get(question.kind, question.kind)
        data: dict[str, object] = {
            "type": listed_as,
            listed_as.replace("-", "_"): rows,
            "page": question.page.wire(total),
        }
        if listed_as == "identities":
            data["account_id"] = None
        return {
            "status": "OK",
            "results_id": results_id or str(uuid.uuid4()),
            "message": "Data successfully retrieved",
            "meta": None,
            "timestamp": told_at(),
            "status_detail": None,
            "refreshed_at": entity.refreshed_at,
            "type": listed_as,
            "data": data,
        }

    def promise(self, question: Question, seconds: float) -> dict[str, object]:
        """Answer later: the envelope with the id of the results."""
        results_id = str(uuid.uuid4())
        self._promises[results_id] = Promise(question, time.monotonic() + seconds, self._town.today)
        return _waiting(results_id)

    def want_reconnect(self, question: Question) -> dict[str, object]:
        """Say that the customer has to sign in at the bank again; the results id is the reconnect id."""
        envelope = self.promise(question, 0.0)
        return without_data(str(envelope["results_id"]), "RECONNECT_REQUIRED", _RECONNECT)

    def question_behind(self, reconnect_id: str) -> Question:
        """The question that needed the customer. Raises Refusal when it is unknown or older than 30 days."""
        promise = self._promises.get(reconnect_id)
        if promise is None or (self._town.today - promise.made_on).days > _RECONNECT_DAYS:
            raise refusal("UNKNOWN_RESULTS_ID")
        return promise.question

    def results(self, results_id: str) -> dict[str, object]:
        """The results of a question asked before. Raises Refusal."""
        promise = self._promises.get(results_id)
        if promise is None:
            raise refusal("UNKNOWN_RESULTS_ID")
        if self._town.entity(promise.question.entity_id).needs_reconnect:
            return without_data(results_id, "RECONNECT_REQUIRED", _RECONNECT)
        if time.monotonic() < promise.ready_at:
            return _waiting(results_id)
        return _in_older_form(self.answer(promise.question, results_id))

    def _rows(self, entity: Entity, question: Question) -> tuple[int, list[dict[str, object]]]:
        town, page = self._town, question.page
        if question.kind == "accounts":
            every = [account.wire for account in town.accounts(entity)]
        elif question.kind == "identity":
            every = [self._identity(entity)]
        else:
            sheet = town.sheet(entity, question.account_id)
            bank = town.bank_of(entity)
            if question.kind == "transactions":
                statement = Statement(town.region, bank, entity.entity_id, sheet)
                places = statement.between(question.first, question.last)
                return len(places), [statement.wire(place, insights=question.insights) for place in page.of(places)]
            if question.kind == "balances":
                every = balances(sheet, entity.entity_id, town.now())
            elif question.kind == "identities":
                every = [self._identity(entity)]
            else:
                every = orders(question.kind, sheet, bank, town.person_of(entity), town.today)
        return len(every), list(page.of(every))

    def _identity(self, entity: Entity) -> dict[str, object]:
        return {"entity_id": entity.entity_id, **self._town.person_of(entity).identity}


_RECONNECT = "User input is required to reconnect with the bank"


def consent_ended() -> dict[str, object]:
    """The envelope of an ended consent, where it is told in a status."""
    return without_data(str(uuid.uuid4()), "CONSENT_EXPIRED", refusal("CONSENT_EXPIRED").message)


def _waiting(results_id: str) -> dict[str, object]:
    return {
        "status": "PENDING",
        "results_id": results_id,
        "message": "Results not yet returned. Please wait",
        "timestamp": told_at(),
    }


def without_data(results_id: str, status: str, message: str) -> dict[str, object]:
    """The envelope of a status that comes with HTTP 200 and without data."""
    return {
        "status": status,
        "data": None,
        "results_id": results_id,
        "message": message,
        "meta": None,
        "timestamp": told_at(),
        "status_detail": None,
    }


def _in_older_form(envelope: dict[str, object]) -> dict[str, object]:
    """Results as their official example has them: accounts without holders, pages without a sort."""
    data = envelope["data"]
    if not isinstance(data, dict):
        return envelope
    older = {**data, "page": {name: value for name, value in data["page"].items() if name != "sort"}}
    if data["type"] == "accounts":
        older["accounts"] = [
            {name: value for name, value in account.items() if name not in _OLDER_ACCOUNT}
            for account in data["accounts"]
        ]
    return {**envelope, "data": older}


def is_id(text: str) -> bool:
    """Whether the text is a UUID."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _day(params: Mapping[str, str], name: str, today: dt.date) -> dt.date | None:
    if name not in params:
        return None
    try:
        day = dt.date.fromisoformat(params[name])
    except ValueError:
        raise bad_parameter(name, params[name]) from None
    if day > today:
        raise bad_parameter(name, day)
    return day
