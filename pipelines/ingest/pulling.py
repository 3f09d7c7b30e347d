"""Pulling: every standing connection of an API source, several at a time, each page landed before the next is asked."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass

from pipelines.progress import tell, warn
from pipelines.sources import registry
from pipelines.sources.source import ApiSource, SourceError, Unsettled
from pipelines.stored_grant import StoredGrant
from pipelines.workplace import Workplace
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import ACTIVE, ENDED, Connection, connection_facts, register, state_of
from warehouse.standings import Standing, StandingStore
from warehouse.tokens import TokenStore

PARTLY_READ = "partly read"
"""State of a connection whose source does not give all of the lists it is asked for."""
RESUME = dt.timedelta(hours=1)
"""A pull cut short less than this ago goes on where it stopped; an older one starts again."""


@dataclass(frozen=True, slots=True)
class PullOutcome:
    """What became of one pull.

    Attributes:
        connection_id: The connection.
        pages: Pages it came to, resumed ones included.
        is_new: False when every page equals the last pull's; then nothing was landed for the merge.
        problem: One clear line when it did not finish; what was landed of it waits to be resumed.
        standing: The state the source put the connection in, e.g. "needs reconnect"; empty otherwise.
        unanswered: One line for each list the source did not give, where the rest is read all the same.
    """

    connection_id: str
    pages: int = 0
    is_new: bool = False
    problem: str = ""
    standing: str = ""
    unanswered: tuple[str, ...] = ()


def connections_of(workplace: Workplace, source: str) -> list[Connection]:
    """Every connection of a source, whatever its state; one whose file is damaged is told of and left out."""
    known = register(workplace.home, workplace.keyring)
    for problem in known.problems.values():
        warn(problem)
    return [each for each in known.connections if each.source == source]


def _is_active(workplace: Workplace, connection: Connection) -> bool:
    try:
        tokens = TokenStore(workplace.home, workplace.keyring, connection.tokens_id).load()
    except ConnectionProblem as problem:
        warn(f"{connection.label} of {connection.party_label}: {problem}")
        return False
    state = state_of(connection, tokens, dt.datetime.now(dt.UTC))
    if state not in {ACTIVE, ENDED}:
        warn(f"{connection.label} of {connection.party_label}: {state}; run `hisab connect {connection.source}` again.")
    return state == ACTIVE


def last_pulls(workplace: Workplace) -> dict[str, tuple[str, str]]:
    """Cursor and digest of the last merged pull, per connection."""
    with workplace.warehouse("reading cursors") as con:
        rows = con.execute("select connection_id, cursor, pull_digest from raw.cursors").fetchall()
    return {connection_id: (cursor, digest) for connection_id, cursor, digest in rows}


def pull_connections(
    workplace: Workplace,
    connections: Sequence[Connection],
    *,
    full: bool = False,
    accept_deletions: bool = False,
) -> list[PullOutcome]:
    """Pull those of the given connections that stand; one that fails does not stop the others."""
    connections = [each for each in connections if _is_active(workplace, each)]
    if not connections:
        return []
    last = last_pulls(workplace)
    tell(f"pulling {len(connections)} connection{'s' if len(connections) > 1 else ''}")

    def pull(connection: Connection) -> PullOutcome:
        cursor, digest = last.get(connection.connection_id, (None, ""))
        puller = _Pull(workplace, connection, full=full, accept_deletions=accept_deletions)
        standings = StandingStore(workplace.home, workplace.keyring)
        try:
            outcome = puller.run(cursor, digest)
            _keep_unanswered(standings, outcome)
        except SourceError as error:
            known = connection.party_label in str(error)
            warn(str(error) if known else f"{connection.label} of {connection.party_label}: {error}")
            standing = ""
            if isinstance(error, Unsettled):
                standing, now = error.state, dt.datetime.now(dt.UTC)
                standings.keep(connection.connection_id, Standing(standing, str(error), now, error.reference))
            return PullOutcome(connection.connection_id, problem=str(error), standing=standing)
        return outcome

    with ThreadPoolExecutor(workplace.settings.pull_threads) as pool:
        futures = [pool.submit(copy_context().run, pull, connection) for connection in connections]
        return [future.result() for future in futures]


def _keep_unanswered(standings: StandingStore, outcome: PullOutcome) -> None:
    """Let people see which lists are not read; nobody has to act on it, so it is no warning."""
    if not outcome.unanswered:
        standings.clear(outcome.connection_id)
        return
    reason = " ".join(outcome.unanswered)
    tell(reason)
    standings.keep(outcome.connection_id, Standing(PARTLY_READ, reason, dt.datetime.now(dt.UTC)))


class _Pull:
    """One pull of one connection."""

    def __init__(self, workplace: Workplace, connection: Connection, *, full: bool, accept_deletions: bool) -> None:
        self._workplace = workplace
        self._connection = connection
        self._full = full
        self._accept = accept_deletions
        source: ApiSource = registry.api_source(connection.source)
        self._source = source

    def run(self, cursor: str | None, last_digest: str) -> PullOutcome:
        now = dt.datetime.now(dt.UTC)
        load = self._workplace.landing.begin_pull(self._connection, resume_after=now - RESUME)
        landed = load.pages()
        office = self._workplace
        limit = office.settings.requests_a_minute(self._connection.source)
        grant = StoredGrant(office.home, office.keyring, self._connection, today=office.today, requests_a_minute=limit)
        told = connection_bytes(self._connection)
        digest, count, size = hashlib.sha256(told), 0, 0
        unanswered = []
        for page in self._source.pull(grant, cursor, landed, full=self._full):
            if page.key not in landed:
                load.land(page)
            digest.update(page.key.encode() + hashlib.sha256(page.body).digest())
            count, size = count + 1, size + len(page.body)
            unanswered += [page.unanswered] if page.unanswered else []
        name, lines = self._connection.connection_id, tuple(unanswered)
        if digest.hexdigest() == last_digest and not self._accept:
            load.discard()
            return PullOutcome(name, count, unanswered=lines)
        load.finish(self._facts(count, size, digest.hexdigest()), told)
        return PullOutcome(name, count, is_new=True, unanswered=lines)

    def _facts(self, count: int, size: int, digest: str) -> Mapping[str, str]:
        accept = "true" if self._accept else "false"
        return {**_facts(self._connection, count, size), "pull_digest": digest, "accept_deletions": accept}


def land_connection(workplace: Workplace, connection: Connection) -> None:
    """Land a load that says only how the connection stands now; a changed consent reaches the marts by it."""
    load = workplace.landing.begin_pull(connection, resume_after=dt.datetime.now(dt.UTC))
    load.finish(_facts(connection, 0, 0), connection_bytes(connection))


def _facts(connection: Connection, count: int, size: int) -> dict[str, str]:
    return {"source": connection.source, "answers": "{}", "page_count": str(count), "byte_count": str(size)}


def connection_bytes(connection: Connection) -> bytes:
    """The party and consent a load was read under, as the JSON that lands with it."""
    return json.dumps(connection_facts(connection), ensure_ascii=False, sort_keys=True).encode()
