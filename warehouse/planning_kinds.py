"""Record kinds of what finance apps know beside entries: plans, debts, goals, templates, till counts, notes, rates.

Put here what a person plans, owes, counts or notes. Keep out what happened to money (`warehouse.record_kinds`).
"""

from __future__ import annotations

from warehouse.fields import amount_field, count_field, currency_field, date_field, instant_field, text_field
from warehouse.kinds import Field, FieldType, RecordKind

BUDGETS = RecordKind(
    "budgets",
    "One row per budget line: what was set aside for one category or envelope in one month of one plan.",
    (
        date_field("month_date", "First day of the month.", required=True),
        text_field("plan_name", "The plan or budget the line belongs to, where the app has several."),
        text_field("category_group", "The app's group above the category."),
        text_field("category_name", "The app's category or envelope, as written.", required=True),
        text_field(
            "budget_kind",
            "`limit`: what may be spent in the month. `envelope`: money put aside, which stays until it is spent.",
            required=True,
            allowed=("limit", "envelope"),
        ),
        amount_field("budgeted_amount", "Set aside for the month; negative where money was taken out.", required=True),
        amount_field("activity_amount", "What the app itself counts as the month's activity; spending is negative."),
        amount_field("available_amount", "What the app itself says is left at the end of the month, carried on."),
        currency_field(),
    ),
    event_date="month_date",
)

DEBTS = RecordKind(
    "debts",
    "One row per debt or loan a ledger keeps, as the ledger states it now.",
    (
        text_field("counterparty_name", "Who it is with, as written.", required=True),
        text_field(
            "debt_direction",
            "`borrowed`: the party owes. `lent`: the counterparty owes.",
            required=True,
            allowed=("borrowed", "lent"),
        ),
        amount_field("principal_amount", "What was borrowed or lent; not negative."),
        amount_field("paid_amount", "What has been paid back so far; not negative."),
        amount_field("outstanding_amount", "What is still owed; not negative.", required=True),
        currency_field(),
        date_field("start_date", "Day the debt began."),
        date_field("due_date", "Day it is to be settled."),
        text_field("debt_status", "The app's word for its state."),
        text_field("note", "Free text."),
    ),
    tags=("pii",),
)

SAVINGS_GOALS = RecordKind(
    "savings_goals",
    "One row per savings goal, as the app states it now.",
    (
        text_field("goal_name", "The goal, as written.", required=True),
        amount_field("target_amount", "What shall be saved; empty where the goal has no sum."),
        amount_field("saved_amount", "What is saved so far.", required=True),
        currency_field(),
        date_field("start_date", "Day the goal was set."),
        date_field("target_date", "Day it shall be reached."),
        text_field("goal_status", "The app's word for its state."),
        text_field("note", "Free text."),
    ),
    tags=("pii",),
)

RECURRING_ENTRIES = RecordKind(
    "recurring_entries",
    "One row per template of an entry that repeats: a planned payment, a subscription, a standing transfer.",
    (
        text_field("account_id", "record_id of the account; empty where the app keeps none."),
        text_field("entry_kind", "What its entries are.", required=True, allowed=("income", "expense", "transfer")),
        amount_field("entry_amount", "Signed amount of each: into the account is positive."),
        currency_field(required=False),
        text_field("frequency", "How often, in the app's words."),
        date_field("first_date", "Day of the first one."),
        date_field("next_date", "Day of the next one."),
        date_field("final_date", "Day of the last one."),
        text_field("category_group", "The app's group above the category."),
        text_field("category_name", "The app's category, as written."),
        text_field("payee_name", "The other side, as written."),
        text_field("transfer_account", "Name of the other account, for transfers."),
        text_field("note", "Free text."),
        text_field("labels", "The app's tags, joined with ', '."),
    ),
    tags=("pii",),
)

CASH_COUNTS = RecordKind(
    "cash_counts",
    "One row per count of a till: one for its total, one for each denomination counted.",
    (
        text_field("session_id", "The app's id of the count; equal on all its rows.", required=True),
        text_field(
            "line_kind",
            "Whether the row is the total or a denomination.",
            required=True,
            allowed=("total", "denomination"),
        ),
        date_field("count_date", "Day of the count in the person's own calendar.", required=True),
        instant_field("counted_at", "Instant of the count (UTC)."),
        text_field("till_name", "The till or wallet counted, as written."),
        amount_field("denomination_amount", "Value of one note or coin; empty on the total."),
        count_field("pieces_count", "Notes or coins counted; empty on the total."),
        amount_field("counted_amount", "What was counted.", required=True),
        amount_field("expected_amount", "What the books say should be there, where the app says."),
        currency_field(),
        text_field("note", "Free text."),
    ),
    event_date="count_date",
)

NOTES = RecordKind(
    "notes",
    "One row per note or memo a person wrote, alone or about an entry.",
    (
        text_field("note_text", "The words, as written.", required=True),
        instant_field("noted_at", "When it was written (UTC)."),
        date_field("note_date", "Day it was written in the person's own calendar."),
        text_field(
            "entry_id", "record_id of the entry it is about, in the same connection; empty when it is about none."
        ),
        text_field("labels", "The app's tags, joined with ', '."),
    ),
    event_date="note_date",
    tags=("pii",),
)

FX_RATES = RecordKind(
    "fx_rates",
    "One row per exchange rate, day and who says so: one unit of the base currency in the quote currency.",
    (
        date_field("rate_date", "Day the rate is of.", required=True),
        currency_field("base_currency_code", "ISO 4217 code of the currency that is priced."),
        currency_field("quote_currency_code", "ISO 4217 code of the currency it is priced in."),
        Field("quote_rate", FieldType.RATE, "Units of the quote currency for one of the base; above 0.", required=True),
        text_field(
            "rate_kind",
            "What sort of rate it is.",
            required=True,
            allowed=("reference", "mid", "buying", "selling", "by_hand"),
        ),
        text_field(
            "rate_source", "Who published it: a bank, a central bank, a page; cited beside every sum.", required=True
        ),
    ),
    event_date="rate_date",
)

PLANNING_KINDS: tuple[RecordKind, ...] = (
    BUDGETS,
    DEBTS,
    SAVINGS_GOALS,
    RECURRING_ENTRIES,
    CASH_COUNTS,
    NOTES,
    FX_RATES,
)
"""In the order their tables are made."""
