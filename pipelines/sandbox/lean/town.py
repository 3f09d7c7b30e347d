"""The state of one region: customers, the banks they connected, the day it is there, and where that is kept.

Put here what the pretend service knows. Keep HTTP out (`serving`, `api`) and the stories themselves (`book`).
"""

from __future__ import annotations

import datetime as dt
import json
from collections import OrderedDict
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipelines.sandbox.lean.accounts import Account, accounts_of
from pipelines.sandbox.lean.book import CHANGE, MONTHS, NEXT_DAY, Book, Sheet
from pipelines.sandbox.lean.connections import ACTIVE, Consent, Customer, Entity
from pipelines.sandbox.lean.events import DAY, month_before
from pipelines.sandbox.lean.naming import instant, midnight, pretend_id
from pipelines.sandbox.lean.people import Person, person_of
from pipelines.sandbox.lean.refusals import bad_parameter, refusal
from pipelines.sandbox.lean.regions import PERMISSIONS, Bank, Region
from pipelines.sandbox.lean.settings import LeanTownSettings
from warehouse.home import write_whole

_BOOKS_KEPT = 128


class LeanTown:
    """The customers of one region and what their banks hold."""

    def __init__(self, settings: LeanTownSettings, region: Region) -> None:
        """Continue from the state file if there is one of the same seed, and let the days pass until today."""
        self.region = region
        self._settings = settings
        saved = self._saved()
        self._anchor = dt.date.fromisoformat(saved["first_day"]) if saved else settings.today
        self._steps: str = saved.get("steps", "")
        self.customers = {each["customer_id"]: Customer(**each) for each in saved.get("customers", [])}
        self.entities = {each["entity_id"]: Entity.of(each) for each in saved.get("entities", [])}
        self.disabled: set[str] = set()
        self._connected: dict[str, int] = saved.get("connected", {})
        self._books: OrderedDict[str, Book] = OrderedDict()
        self._steps += NEXT_DAY * (settings.today - self.today).days
        if not saved:
            self._settle()

    @property
    def today(self) -> dt.date:
        """The day it is there."""
        return self._anchor + self._steps.count(NEXT_DAY) * DAY

    @property
    def first_day(self) -> dt.date:
        """The first day of every history."""
        return month_before(self._anchor, MONTHS)

    def now(self) -> dt.datetime:
        """The instant it is there: its day, and the time of the real one."""
        return dt.datetime.combine(self.today, dt.datetime.now(dt.UTC).timetz())

    def step(self, kind: str) -> None:
        """Let a day pass (`NEXT_DAY`) or only changes happen (`CHANGE`)."""
        if kind not in {NEXT_DAY, CHANGE}:
            raise ValueError(kind)
        self._steps += kind
        self._books.clear()
        self.remember()

    def add_customer(self, app_user_id: str) -> Customer:
        """Create a customer. Raises Refusal for an app user id that is taken."""
        if self.customer_of_app(app_user_id) is not None:
            raise refusal("CUSTOMER_ALREADY_EXISTS")
        customer = Customer(pretend_id(self._settings.seed, self.region.name, app_user_id), app_user_id)
        self.customers[customer.customer_id] = customer
        self.remember()
        return customer

    def customer(self, customer_id: str) -> Customer:
        """The customer of that id. Raises Refusal."""
        if customer_id not in self.customers:
            raise refusal("UNKNOWN_CUSTOMER")
        return self.customers[customer_id]

    def customer_of_app(self, app_user_id: str) -> Customer | None:
        """The customer an application calls that."""
        return next((each for each in self.customers.values() if each.app_user_id == app_user_id), None)

    def connect(self, customer_id: str, bank_identifier: str, permissions: list[str]) -> tuple[Entity, bool]:
        """Connect a bank, or give a new consent to one that is connected; whether it is new. Raises Refusal."""
        self.customer(customer_id)
        self.bank_named(bank_identifier)
        unknown = set(permissions) - set(PERMISSIONS)
        if unknown or not permissions:
            raise bad_parameter("permissions", sorted(unknown))
        standing = next(
            (e for e in self.entities_of(customer_id) if e.bank_identifier == bank_identifier),
            None,
        )
        moment = instant(self.now())
        if standing is not None:
            standing.permissions, standing.needs_reconnect, standing.told_as = permissions, False, "error"
            standing.consents.append(self._consent(standing.entity_id, len(standing.consents)))
            standing.updated_at = moment
            self.remember()
            return standing, False
        place = f"{customer_id}/{bank_identifier}"
        number = self._connected[place] = self._connected.get(place, 0) + 1
        entity_id = pretend_id(self._settings.seed, place, number)
        consent = self._consent(entity_id, 0)
        entity = Entity(
            entity_id, customer_id, bank_identifier, permissions, moment, moment, [consent], refreshed_at=moment
        )
        self.entities[entity_id] = entity
        self.remember()
        return entity, True

    def entities_of(self, customer_id: str) -> list[Entity]:
        """The banks a customer has connected."""
        return [entity for entity in self.entities.values() if entity.customer_id == customer_id]

    def entity(self, entity_id: str) -> Entity:
        """The entity of that id. Raises Refusal."""
        if entity_id not in self.entities:
            raise refusal("UNKNOWN_ENTITY")
        return self.entities[entity_id]

    def disconnect(self, entity: Entity) -> None:
        """Forget an entity."""
        del self.entities[entity.entity_id]
        self._books.pop(entity.entity_id, None)
        self.remember()

    def bank_named(self, identifier: str) -> Bank:
        """The bank of that name. Raises Refusal."""
        bank = next((bank for bank in self.region.banks if bank.identifier == identifier), None)
        if bank is None:
            raise refusal("UNKNOWN_BANK")
        return bank

    def bank_of(self, entity: Entity) -> Bank:
        """The entity's bank."""
        return self.bank_named(entity.bank_identifier)

    def person_of(self, entity: Entity) -> Person:
        """Whose accounts they are."""
        app_user_id = self.customers[entity.customer_id].app_user_id
        return person_of(self._settings.seed, self.region, app_user_id)

    def accounts(self, entity: Entity) -> list[Account]:
        """The entity's accounts."""
        person, bank = self.person_of(entity), self.bank_of(entity)
        return accounts_of(self._place(entity), self.region, bank, person, entity.entity_id, self.first_day)

    def sheet(self, entity: Entity, account_id: str) -> Sheet:
        """One account with its events. Raises Refusal."""
        book = self._books.pop(entity.entity_id, None) or self._told(entity)
        self._books[entity.entity_id] = book
        if len(self._books) > _BOOKS_KEPT:
            self._books.popitem(last=False)
        if account_id not in book.sheets:
            raise refusal("UNKNOWN_ACCOUNT")
        return book.sheets[account_id]

    def remember(self) -> None:
        """Keep customers, entities and steps for the next run, if there is a file for it."""
        path = self._state_file()
        if path is not None:
            document = {
                "seed": self._settings.seed,
                "first_day": self._anchor.isoformat(),
                "steps": self._steps,
                "customers": [asdict(customer) for customer in self.customers.values()],
                "entities": [entity.document() for entity in self.entities.values()],
                "connected": self._connected,
            }
            write_whole(path, json.dumps(document).encode())

    def _told(self, entity: Entity) -> Book:
        return Book(
            self._place(entity),
            self.region,
            self.bank_of(entity),
            self.person_of(entity),
            self.accounts(entity),
            anchor=self._anchor,
            steps=self._steps,
            rows=self._settings.rows_per_account,
        )

    def _place(self, entity: Entity) -> str:
        return f"{self._settings.seed}/{entity.customer_id}/{entity.bank_identifier}"

    def _consent(self, entity_id: str, number: int) -> Consent:
        now = self.now()
        consent_id = pretend_id(entity_id, "consent", number)
        at_bank = pretend_id(consent_id, "bank")
        return Consent(
            consent_id=consent_id,
            bank_consent_id=str(int(at_bank[:5], 16)) if self.region.numbers_consents else at_bank,
            status=ACTIVE,
            created_at=instant(now),
            changed_at=instant(now),
            expires_at=instant(now + dt.timedelta(days=self._settings.consent_days)),
            reads_from=midnight(self.first_day),
        )

    def _settle(self) -> None:
        """The customers that are there from the start."""
        for number in range(1, self._settings.customer_count + 1):
            customer = self.add_customer(f"pretend-{number}")
            for bank in self.region.banks[: self._settings.banks_each]:
                self.connect(customer.customer_id, bank.identifier, list(PERMISSIONS))

    def _state_file(self) -> Path | None:
        path = self._settings.state_file
        return None if path is None else path.with_name(f"{path.stem}-{self.region.name}{path.suffix}")

    def _saved(self) -> dict[str, Any]:
        path = self._state_file()
        if path is None or not path.exists():
            return {}
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return document if document["seed"] == self._settings.seed else {}
