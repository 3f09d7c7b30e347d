"""The register of connections: which party lets Hisab read which source, under which consent.

A connection is a party's authorised link to a source: a login at a service, or the files of one account. Its id is
made from the party, the source and the user name there, so that connecting twice is the same connection. Everything
is sealed; no name stands in clear in the home. Keep tokens out (`warehouse.tokens`), and the network.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from warehouse.connection_files import ConnectionFiles, ConnectionProblem
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.tokens import Tokens, TokenStore

_SUFFIX = "connection"

ACTIVE, EXPIRED, ENDED, NEEDS_LOGIN = "active", "expired", "ended", "needs login"
"""State words of a connection, as people read them."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a party allowed: which scopes, why, from when and until when. Instants are UTC.

    Attributes:
        scopes: Scopes at the source; empty for files the party handed over.
        purpose: Why the data is read, in the words shown to the party.
        granted_at: When it began.
        expires_at: When it ends by itself; None for files.
        ended_at: When it was withdrawn or replaced; None while it stands.
    """

    scopes: tuple[str, ...]
    purpose: str
    granted_at: dt.datetime
    expires_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None

    def has_expired(self, now: dt.datetime) -> bool:
        """Whether its own end has passed."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, slots=True)
class Connection:
    """One party's authorised link to one source; no name of a person shows in its repr.

    Attributes:
        connection_id: Opaque id; equal whenever the same party connects the same user at the same source.
        party_id: Opaque id of the party, from its label.
        party_label: What the operator calls the party.
        party_kind: person, household or business.
        source: snake_case name of the source.
        label: What people call the connection.
        base_url: Where the service answers, without a trailing slash; empty for files.
        created_at: When it was first made (UTC).
        updated_at: When it last changed (UTC).
        consents: Every consent there ever was, oldest first; the last one is in force.
        answers: What a person answered about files, per file layout: question name to answer.
        user_name: The user or account at the source this is a link to; empty where it was not kept.
        login_id: Id under which the tokens lie when several connections share one login; empty for a login of its own.
    """

    connection_id: str
    party_id: str
    party_label: str = field(repr=False)
    party_kind: str
    source: str
    label: str = field(repr=False)
    base_url: str
    created_at: dt.datetime
    updated_at: dt.datetime
    consents: tuple[Consent, ...]
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    user_name: str = field(default="", repr=False)
    login_id: str = ""

    @property
    def tokens_id(self) -> str:
        """The id its tokens lie under."""
        return self.login_id or self.connection_id

    @property
    def consent(self) -> Consent:
        """The consent in force, or the last one that was."""
        return self.consents[-1]


def plain_label(label: str) -> str:
    """A label as it is compared: without case and outer blanks, in one Unicode form."""
    return unicodedata.normalize("NFC", label).casefold().strip()


def party_id_of(keyring: Keyring, party_label: str) -> str:
    """The party's opaque id: equal for labels that differ only in case, outer blanks or Unicode form."""
    return keyring.opaque_id("p", plain_label(party_label))


def household_id_of(keyring: Keyring, household_label: str) -> str:
    """The household's opaque id, by the same rule as a party's."""
    return keyring.opaque_id("h", plain_label(household_label))


def connection_id_of(keyring: Keyring, party_id: str, source: str, user_name: str) -> str:
    """The connection's opaque id; `user_name` is the user or account at the source, empty where there is one only."""
    return keyring.opaque_id("c", party_id, source, user_name)


def connect(
    home: Home,
    keyring: Keyring,
    *,
    party_label: str,
    source: str,
    user_name: str,
    consent: Consent,
    party_kind: str = "person",
    label: str = "",
    base_url: str = "",
    tokens: Tokens | None = None,
    login_id: str = "",
) -> Connection:
    """Make the connection, or give the existing one this consent (and these tokens, where the login is its own).

    The same consent once more changes nothing, nor does one without an end (files) that already stands in the same
    words; otherwise the former consent ends where the new one begins. Raises ConnectionProblem when the party has no
    name.
    """
    if not party_label.strip():
        raise ConnectionProblem("A connection needs the name of its party: say whose money this is.")
    party_id = party_id_of(keyring, party_label)
    connection_id = connection_id_of(keyring, party_id, source, user_name)
    files, store = ConnectionFiles(home, keyring), TokenStore(home, keyring, connection_id)
    with files.locked(connection_id):
        known = _read(files, connection_id)
        wanted = Connection(
            connection_id=connection_id,
            party_id=party_id,
            party_label=unicodedata.normalize("NFC", party_label).strip(),
            party_kind=party_kind,
            source=source,
            label=label or source,
            base_url=base_url.rstrip("/"),
            created_at=known.created_at if known else consent.granted_at,
            updated_at=known.updated_at if known else consent.granted_at,
            consents=_with(known.consents if known else (), consent),
            answers=known.answers if known else {},
            user_name=user_name,
            login_id=login_id,
        )
        if wanted != known:
            wanted = replace(wanted, updated_at=consent.granted_at)
            files.write(connection_id, _SUFFIX, _document(wanted))
        if tokens is not None:
            present = store.load()
            store.swap(tokens, present.version if present else 0)
    return wanted


def load(home: Home, keyring: Keyring, connection_id: str) -> Connection:
    """The connection of that id. Raises ConnectionProblem when there is none or its file is damaged."""
    found = _read(ConnectionFiles(home, keyring), connection_id)
    if found is None:
        raise ConnectionProblem(f"There is no connection {connection_id}; `hisab connections` lists them.")
    return found


@dataclass(frozen=True, slots=True)
class Register:
    """Every connection of a home.

    Attributes:
        connections: Those that can be read, sorted by party, source, label and id.
        problems: Connection id to one clear line, for each whose file is damaged.
    """

    connections: list[Connection]
    problems: Mapping[str, str]


def register(home: Home, keyring: Keyring) -> Register:
    """Read every connection; a damaged file hides no other."""
    files = ConnectionFiles(home, keyring)
    found: list[Connection] = []
    problems: dict[str, str] = {}
    for name in files.ids():
        try:
            connection = _read(files, name)
        except ConnectionProblem as problem:
            problems[name] = str(problem)
        else:
            found += [connection] if connection is not None else []
    return Register(
        sorted(found, key=lambda c: (c.party_label.casefold(), c.source, c.label, c.connection_id)), problems
    )


def all_connections(home: Home, keyring: Keyring) -> list[Connection]:
    """Every connection, sorted by party, source, label and id. Raises ConnectionProblem when a file is damaged."""
    known = register(home, keyring)
    for problem in known.problems.values():
        raise ConnectionProblem(problem)
    return known.connections


def end(home: Home, keyring: Keyring, connection_id: str, now: dt.datetime) -> Connection:
    """Withdraw the consent and forget the tokens; what was read before stays. Ending twice changes nothing.

    Tokens of a login that others share stay with them.

    Raises ConnectionProblem when there is no such connection.
    """
    files = ConnectionFiles(home, keyring)
    load(home, keyring, connection_id)
    with files.locked(connection_id):
        connection = load(home, keyring, connection_id)
        if connection.consent.ended_at is None:
            consents = (*connection.consents[:-1], replace(connection.consent, ended_at=now))
            connection = replace(connection, consents=consents, updated_at=now)
            files.write(connection_id, _SUFFIX, _document(connection))
        if not connection.login_id:
            TokenStore(home, keyring, connection_id).remove()
    return connection


def remember_answers(
    home: Home, keyring: Keyring, connection_id: str, layout: str, answers: Mapping[str, str], now: dt.datetime
) -> Connection:
    """Keep what a person answered about files of `layout`, beside earlier answers; new ones win.

    Raises ConnectionProblem when there is no such connection.
    """
    files = ConnectionFiles(home, keyring)
    load(home, keyring, connection_id)
    with files.locked(connection_id):
        connection = load(home, keyring, connection_id)
        merged = {**connection.answers, layout: {**connection.answers.get(layout, {}), **answers}}
        if merged != connection.answers:
            connection = replace(connection, answers=merged, updated_at=now)
            files.write(connection_id, _SUFFIX, _document(connection))
    return connection


def state_of(connection: Connection, tokens: Tokens | None, now: dt.datetime) -> str:
    """The state in one word for people: active, expired, ended or needs login."""
    if connection.consent.ended_at is not None:
        return ENDED
    if connection.consent.has_expired(now):
        return EXPIRED
    if connection.base_url and (tokens is None or tokens.needs_login):
        return NEEDS_LOGIN
    return ACTIVE


def connection_facts(connection: Connection) -> dict[str, Any]:
    """What landing keeps of a connection beside its bytes: the party and its consents, as JSON; no tokens.

    `pipelines.sources.home_records` decodes it. Equal while neither party nor consents change.
    """
    document = _document(connection)
    names = ("connection_id", "party_id", "party_label", "party_kind", "source", "label", "consents")
    return {name: document[name] for name in names}


def _with(consents: tuple[Consent, ...], new: Consent) -> tuple[Consent, ...]:
    if not consents:
        return (new,)
    last = consents[-1]
    if new == last:
        return consents
    if last.ended_at is not None:
        return (*consents, new)
    if last.expires_at is None and replace(new, granted_at=last.granted_at) == last:
        return consents
    return (*consents[:-1], replace(last, ended_at=new.granted_at), new)


def _document(connection: Connection) -> dict[str, Any]:
    names = (
        *("connection_id", "party_id", "party_label", "party_kind"),
        *("source", "label", "base_url", "user_name", "login_id"),
    )
    return {
        **{name: getattr(connection, name) for name in names},
        "created_at": connection.created_at.isoformat(),
        "updated_at": connection.updated_at.isoformat(),
        "consents": [_consent_document(consent) for consent in connection.consents],
        "answers": {layout: dict(answers) for layout, answers in connection.answers.items()},
    }


def _consent_document(consent: Consent) -> dict[str, Any]:
    return {
        "scopes": list(consent.scopes),
        "purpose": consent.purpose,
        "granted_at": consent.granted_at.isoformat(),
        "expires_at": consent.expires_at.isoformat() if consent.expires_at else None,
        "ended_at": consent.ended_at.isoformat() if consent.ended_at else None,
    }


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _consent(document: Mapping[str, Any]) -> Consent:
    return Consent(
        scopes=tuple(document["scopes"]),
        purpose=document["purpose"],
        granted_at=dt.datetime.fromisoformat(document["granted_at"]),
        expires_at=_instant(document["expires_at"]),
        ended_at=_instant(document["ended_at"]),
    )


def _read(files: ConnectionFiles, connection_id: str) -> Connection | None:
    document = files.read(connection_id, _SUFFIX)
    if document is None:
        return None
    return Connection(
        **{
            **document,
            "created_at": dt.datetime.fromisoformat(document["created_at"]),
            "updated_at": dt.datetime.fromisoformat(document["updated_at"]),
            "consents": tuple(_consent(consent) for consent in document["consents"]),
        }
    )
