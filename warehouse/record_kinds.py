"""The record kinds: what the raw tables hold, declared once.

From here come the DDL, the Arrow schema, the Great Expectations suite, dbt's sources and docs/record-kinds.md
(`warehouse.schema_renderings`). A new kind is one entry; a new column is one line and a row in the CHANGELOG.
What apps plan and note beside their entries is in `warehouse.planning_kinds`, rent books in
`warehouse.property_kinds`.
"""

from __future__ import annotations

from warehouse.fields import amount_field, count_field, currency_field, date_field, instant_field, text_field
from warehouse.kinds import RecordKind
from warehouse.planning_kinds import PLANNING_KINDS
from warehouse.property_kinds import PROPERTY_KINDS

ACCOUNT_KINDS = ("cash", "current", "savings", "card", "loan", "investment", "wallet", "ledger", "other")
ENTRY_KINDS = ("income", "expense", "transfer", "debt_payment", "opening_balance", "adjustment")
PARTY_KINDS = ("person", "household", "business")

PARTIES = RecordKind(
    "parties",
    "One row per connection and the party (data subject) that authorised it.",
    (
        text_field("party_id", "Opaque id of the party; equal over all the party's connections.", required=True),
        text_field(
            "party_label",
            "What the operator calls the party; chosen by people, not a legal name.",
            required=True,
        ),
        text_field("party_kind", "What the party is.", required=True, allowed=PARTY_KINDS),
    ),
    tags=("pii",),
)

CONSENTS = RecordKind(
    "consents",
    "One row per consent: what a party allowed Hisab to read from one source, why and until when.",
    (
        text_field("party_id", "The party that consented.", required=True),
        text_field("source_name", "The source the consent is for.", required=True),
        text_field("connection_label", "What people call the connection.", required=True),
        text_field("scopes", "Space-separated scopes that were granted.", required=True),
        text_field("purpose", "Why the data is read, in the words shown to the party.", required=True),
        instant_field("granted_at", "When the consent began.", required=True),
        instant_field("expires_at", "When it ends by itself; empty for files the party handed over."),
        instant_field("ended_at", "When it was withdrawn; empty while it stands."),
    ),
)

ACCOUNTS = RecordKind(
    "accounts",
    "One row per account, wallet or ledger a source tells of.",
    (
        text_field("account_name", "The account's name as the source shows it.", required=True),
        text_field("account_kind", "What the account is.", required=True, allowed=ACCOUNT_KINDS),
        currency_field(required=False),
        text_field("institution_name", "Bank or app that keeps the account."),
        text_field("account_group", "The group the app lists the account in."),
        text_field("masked_number", "Last four characters of the account number, never more."),
        text_field(
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
        text_field("account_id", "record_id of the account.", required=True),
        text_field("balance_kind", "Which balance it is.", required=True, allowed=("ledger", "available", "opening")),
        amount_field("balance_amount", "The balance; negative when the party owes.", required=True),
        currency_field(),
        date_field("balance_date", "Day the balance stood.", required=True),
    ),
    event_date="balance_date",
)

BANK_TRANSACTIONS = RecordKind(
    "bank_transactions",
    "One row per transaction as a bank states it.",
    (
        text_field("account_id", "record_id of the account.", required=True),
        date_field("booked_date", "Day the bank booked it, in the bank's own time zone.", required=True),
        date_field("value_date", "Day it bears interest from."),
        amount_field("transaction_amount", "Signed amount: into the account is positive.", required=True),
        currency_field(),
        text_field("transaction_type", "The bank's own type code."),
        text_field(
            "booking_status",
            "Whether the bank has booked it for good.",
            required=True,
            allowed=("booked", "pending"),
        ),
        text_field("payee_name", "The other side, as stated."),
        text_field("description", "The bank's text."),
        text_field("bank_reference", "The bank's reference or cheque number."),
        text_field("merchant_category_code", "ISO 18245 code of the merchant's trade, four digits."),
        text_field("bank_category", "The category the bank or its aggregator gave it."),
        amount_field(
            "original_amount", "The amount in the currency it was agreed in, signed, where that is another one."
        ),
        text_field("original_currency_code", "ISO 4217 code of original_amount."),
    ),
    event_date="booked_date",
    tags=("pii",),
)

STATEMENTS = RecordKind(
    "statements",
    "One row per statement: what a file says of one account over one span of days.",
    (
        text_field("account_id", "record_id of the account.", required=True),
        text_field("statement_number", "The bank's own number or name of the statement."),
        date_field("first_date", "First day the statement covers."),
        date_field("last_date", "Last day the statement covers.", required=True),
        amount_field("opening_amount", "Booked balance before the first transaction; empty when it does not say."),
        amount_field("closing_amount", "Booked balance after the last transaction; empty when it does not say."),
        amount_field("transactions_amount", "Sum of the booked transactions that were read of it.", required=True),
        count_field("transactions_count", "Number of booked transactions that were read of it.", required=True),
        amount_field("stated_credit_amount", "Sum of money in, as the statement itself states it."),
        amount_field("stated_debit_amount", "Sum of money out, as the statement itself states it; not negative."),
        currency_field(),
    ),
    event_date="last_date",
)

IDENTITIES = RecordKind(
    "identities",
    "One row per holder of an account as the bank knows them; only read where the consent has that scope.",
    (
        text_field("account_id", "record_id of the account; empty when the bank tells of the holder alone."),
        text_field("holder_name", "Full legal name, as the bank states it.", required=True),
        text_field("holder_kind", "The bank's word for what the holder is, e.g. SOLE or DELEGATE."),
        text_field("national_id", "Number of the national identity document."),
        date_field("birth_date", "Date of birth."),
        text_field("gender", "As the bank states it."),
        text_field("email_address", "E-mail address."),
        text_field("phone_number", "Telephone number."),
        text_field("postal_address", "Postal address in one line."),
    ),
    tags=("pii",),
)

BENEFICIARIES = RecordKind(
    "beneficiaries",
    "One row per payee a holder saved at the bank.",
    (
        text_field("account_id", "record_id of the account.", required=True),
        text_field("beneficiary_name", "The payee, as stated."),
        text_field("beneficiary_kind", "The bank's word for what the payee is."),
        text_field("institution_name", "The payee's bank."),
        text_field("masked_number", "Last four characters of the payee's account number, never more."),
        text_field("bank_reference", "The reference payments to it carry."),
    ),
    tags=("pii",),
)

PAYMENT_ORDERS = RecordKind(
    "payment_orders",
    "One row per payment that is arranged and not made yet: standing order, direct debit or scheduled payment.",
    (
        text_field("account_id", "record_id of the account.", required=True),
        text_field(
            "order_kind",
            "What was arranged.",
            required=True,
            allowed=("standing_order", "direct_debit", "scheduled_payment"),
        ),
        text_field("order_status", "The bank's word for its state."),
        text_field("payee_name", "The other side, as stated."),
        amount_field("order_amount", "Amount of the next payment; negative, as it leaves the account."),
        currency_field(required=False),
        text_field("frequency", "How often it is paid, in the bank's words."),
        date_field("next_date", "Day of the next payment."),
        date_field("final_date", "Day of the last payment."),
        text_field("bank_reference", "The reference it carries."),
    ),
    tags=("pii",),
)

LEDGER_ENTRIES = RecordKind(
    "ledger_entries",
    "One row per entry a person wrote down in an app or ledger; a split is one row per part.",
    (
        text_field("account_id", "record_id of the account.", required=True),
        date_field("entry_date", "Day of the entry in the person's own calendar.", required=True),
        instant_field("entry_at", "Instant of the entry, where the app keeps one (UTC)."),
        text_field("entry_kind", "What the entry is.", required=True, allowed=ENTRY_KINDS),
        amount_field("entry_amount", "Signed amount: into the account is positive.", required=True),
        currency_field(),
        text_field("category_group", "The app's group above the category."),
        text_field("category_name", "The app's category, as written."),
        text_field("payee_name", "The other side, as written."),
        text_field("counterparty_name", "Who the debt is with, for debts."),
        text_field("transfer_account", "Name of the other account, for transfers."),
        text_field("note", "Free text."),
        text_field("labels", "The app's tags, joined with ', '."),
        text_field("cleared_status", "The app's word for cleared, if it has one."),
        text_field("split_group", "Equal on all parts of one split entry, within its connection; empty otherwise."),
        text_field("transfer_group", "Equal on both legs of one transfer, where the app says which belong together."),
        text_field(
            "excluded_from",
            "What the person told the app to leave the entry out of; `reports` means every total.",
            allowed=("budget", "reports"),
        ),
        amount_field(
            "original_amount", "The amount in the currency it was paid in, signed, where that is another one."
        ),
        currency_field("original_currency_code", "ISO 4217 code of original_amount.", required=False),
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
        *PLANNING_KINDS,
        *PROPERTY_KINDS,
    )
}
"""Every record kind by its table name, in the order tables are made."""
