"""The record kinds: what the raw tables hold, declared once.

From here come the DDL, the Arrow schema, the Great Expectations suite, dbt's sources and docs/record-kinds.md
(`warehouse.schema_renderings`). A new kind is one entry; a new column is one line and a row in the CHANGELOG.
"""

from __future__ import annotations

from warehouse.kinds import Field, FieldType, RecordKind

CURRENCY_PATTERN = "^[A-Z]{3}$"
EARLIEST, LATEST = "1900-01-01", "2199-12-31"
MOST = "99999999999999.9999"
"""The largest magnitude an amount may have: what DECIMAL(18, 4) holds."""


def _text(name: str, description: str, *, required: bool = False, allowed: tuple[str, ...] = ()) -> Field:
    return Field(name, FieldType.TEXT, description, required=required, allowed=allowed)


def _date(name: str, description: str, *, required: bool = False) -> Field:
    return Field(name, FieldType.DATE, description, required=required, minimum=EARLIEST, maximum=LATEST)


def _instant(name: str, description: str, *, required: bool = False) -> Field:
    return Field(name, FieldType.INSTANT, description, required=required)


def _amount(name: str, description: str, *, required: bool = False) -> Field:
    return Field(name, FieldType.AMOUNT, description, required=required, minimum=f"-{MOST}", maximum=MOST)


def _currency(*, required: bool = True) -> Field:
    return Field(
        "currency_code",
        FieldType.TEXT,
        "ISO 4217 code of the row's amounts.",
        required=required,
        pattern=CURRENCY_PATTERN,
    )


ACCOUNT_KINDS = ("cash", "current", "savings", "card", "loan", "investment", "wallet", "ledger", "other")
ENTRY_KINDS = ("income", "expense", "transfer", "debt_payment", "opening_balance")
PARTY_KINDS = ("person", "household", "business")

PARTIES = RecordKind(
    "parties",
    "One row per connection and the party (data subject) that authorised it.",
    (
        _text("party_id", "Opaque id of the party; equal over all the party's connections.", required=True),
        _text(
            "party_label",
            "What the operator calls the party; chosen by people, not a legal name.",
            required=True,
        ),
        _text("party_kind", "What the party is.", required=True, allowed=PARTY_KINDS),
    ),
    tags=("pii",),
)

CONSENTS = RecordKind(
    "consents",
    "One row per consent: what a party allowed Hisab to read from one source, why and until when.",
    (
        _text("party_id", "The party that consented.", required=True),
        _text("source_name", "The source the consent is for.", required=True),
        _text("connection_label", "What people call the connection.", required=True),
        _text("scopes", "Space-separated scopes that were granted.", required=True),
        _text("purpose", "Why the data is read, in the words shown to the party.", required=True),
        _instant("granted_at", "When the consent began.", required=True),
        _instant("expires_at", "When it ends by itself; empty for files the party handed over."),
        _instant("ended_at", "When it was withdrawn; empty while it stands."),
    ),
)

ACCOUNTS = RecordKind(
    "accounts",
    "One row per account, wallet or ledger a source tells of.",
    (
        _text("account_name", "The account's name as the source shows it.", required=True),
        _text("account_kind", "What the account is.", required=True, allowed=ACCOUNT_KINDS),
        _currency(required=False),
        _text("institution_name", "Bank or app that keeps the account."),
        _text("masked_number", "Last four characters of the account number, never more."),
        _text(
            "number_key",
            "Digest of the last eight characters of the account number; equal wherever the account is told of.",
        ),
    ),
    tags=("pii",),
)

BALANCES = RecordKind(
    "balances",
    "One row per balance a source reports for an account, its type and its day.",
    (
        _text("account_id", "record_id of the account.", required=True),
        _text("balance_kind", "Which balance it is.", required=True, allowed=("ledger", "available", "opening")),
        _amount("balance_amount", "The balance; negative when the party owes.", required=True),
        _currency(),
        _date("balance_date", "Day the balance stood.", required=True),
    ),
    event_date="balance_date",
)

BANK_TRANSACTIONS = RecordKind(
    "bank_transactions",
    "One row per transaction as a bank states it.",
    (
        _text("account_id", "record_id of the account.", required=True),
        _date("booked_date", "Day the bank booked it, in the bank's own time zone.", required=True),
        _date("value_date", "Day it bears interest from."),
        _amount("transaction_amount", "Signed amount: into the account is positive.", required=True),
        _currency(),
        _text("transaction_type", "The bank's own type code."),
        _text(
            "booking_status",
            "Whether the bank has booked it for good.",
            required=True,
            allowed=("booked", "pending"),
        ),
        _text("payee_name", "The other side, as stated."),
        _text("description", "The bank's text."),
        _text("bank_reference", "The bank's reference or cheque number."),
        _text("merchant_category_code", "ISO 18245 code of the merchant's trade, four digits."),
        _text("bank_category", "The category the bank or its aggregator gave it."),
        _amount("original_amount", "The amount in the currency it was agreed in, signed, where that is another one."),
        _text("original_currency_code", "ISO 4217 code of original_amount."),
    ),
    event_date="booked_date",
    tags=("pii",),
)

STATEMENTS = RecordKind(
    "statements",
    "One row per statement: what a file says of one account over one span of days.",
    (
        _text("account_id", "record_id of the account.", required=True),
        _text("statement_number", "The bank's own number or name of the statement."),
        _date("first_date", "First day the statement covers."),
        _date("last_date", "Last day the statement covers.", required=True),
        _amount("opening_amount", "Booked balance before the first transaction; empty when it does not say."),
        _amount("closing_amount", "Booked balance after the last transaction; empty when it does not say."),
        _amount("transactions_amount", "Sum of the booked transactions that were read of it.", required=True),
        Field(
            "transactions_count",
            FieldType.INTEGER,
            "Number of booked transactions that were read of it.",
            required=True,
            minimum="0",
        ),
        _amount("stated_credit_amount", "Sum of money in, as the statement itself states it."),
        _amount("stated_debit_amount", "Sum of money out, as the statement itself states it; not negative."),
        _currency(),
    ),
    event_date="last_date",
)

IDENTITIES = RecordKind(
    "identities",
    "One row per holder of an account as the bank knows them; only read where the consent has that scope.",
    (
        _text("account_id", "record_id of the account; empty when the bank tells of the holder alone."),
        _text("holder_name", "Full legal name, as the bank states it.", required=True),
        _text("holder_kind", "The bank's word for what the holder is, e.g. SOLE or DELEGATE."),
        _text("national_id", "Number of the national identity document."),
        _date("birth_date", "Date of birth."),
        _text("gender", "As the bank states it."),
        _text("email_address", "E-mail address."),
        _text("phone_number", "Telephone number."),
        _text("postal_address", "Postal address in one line."),
    ),
    tags=("pii",),
)

BENEFICIARIES = RecordKind(
    "beneficiaries",
    "One row per payee a holder saved at the bank.",
    (
        _text("account_id", "record_id of the account.", required=True),
        _text("beneficiary_name", "The payee, as stated."),
        _text("beneficiary_kind", "The bank's word for what the payee is."),
        _text("institution_name", "The payee's bank."),
        _text("masked_number", "Last four characters of the payee's account number, never more."),
        _text("bank_reference", "The reference payments to it carry."),
    ),
    tags=("pii",),
)

PAYMENT_ORDERS = RecordKind(
    "payment_orders",
    "One row per payment that is arranged and not made yet: standing order, direct debit or scheduled payment.",
    (
        _text("account_id", "record_id of the account.", required=True),
        _text(
            "order_kind",
            "What was arranged.",
            required=True,
            allowed=("standing_order", "direct_debit", "scheduled_payment"),
        ),
        _text("order_status", "The bank's word for its state."),
        _text("payee_name", "The other side, as stated."),
        _amount("order_amount", "Amount of the next payment; negative, as it leaves the account."),
        _currency(required=False),
        _text("frequency", "How often it is paid, in the bank's words."),
        _date("next_date", "Day of the next payment."),
        _date("final_date", "Day of the last payment."),
        _text("bank_reference", "The reference it carries."),
    ),
    tags=("pii",),
)

LEDGER_ENTRIES = RecordKind(
    "ledger_entries",
    "One row per entry a person wrote down in an app or ledger; a split is one row per part.",
    (
        _text("account_id", "record_id of the account.", required=True),
        _date("entry_date", "Day of the entry in the person's own calendar.", required=True),
        _instant("entry_at", "Instant of the entry, where the app keeps one (UTC)."),
        _text("entry_kind", "What the entry is.", required=True, allowed=ENTRY_KINDS),
        _amount("entry_amount", "Signed amount: into the account is positive.", required=True),
        _currency(),
        _text("category_group", "The app's group above the category."),
        _text("category_name", "The app's category, as written."),
        _text("payee_name", "The other side, as written."),
        _text("counterparty_name", "Who the debt is with, for debts."),
        _text("transfer_account", "Name of the other account, for transfers."),
        _text("note", "Free text."),
        _text("labels", "The app's tags, joined with ', '."),
        _text("cleared_status", "The app's word for cleared, if it has one."),
    ),
    event_date="entry_date",
    tags=("pii",),
)

KINDS: dict[str, RecordKind] = {
    kind.name: kind
    for kind in (
        PARTIES,
        CONSENTS,
        ACCOUNTS,
        BALANCES,
        BANK_TRANSACTIONS,
        STATEMENTS,
        IDENTITIES,
        BENEFICIARIES,
        PAYMENT_ORDERS,
        LEDGER_ENTRIES,
    )
}
"""Every record kind by its table name, in the order tables are made."""
