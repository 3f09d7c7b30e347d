{{ config(group='core') }}
-- The fact and the rows listed as duplicates hold together exactly the current rows of staging that count: the same
-- keys, as often, with the same money in every currency. A row here is a kind of evidence and currency where the two
-- sides differ.
with staged as (
    select
        evidence_kind,
        currency_code,
        count(*) as row_count,
        sum(transaction_amount) as total_amount,
        {{ fingerprint_of('transaction_key') }} as keys
    from {{ ref('int_core__entries_unioned') }}
    group by evidence_kind, currency_code
),

told as (
    select
        evidence_kind,
        currency_code,
        transaction_amount,
        transaction_key
    from {{ ref('fct_transactions') }}
    union all
    select
        'bank_transaction' as evidence_kind,
        currency_code,
        transaction_amount,
        transaction_key
    from {{ ref('rpt_duplicates') }}
),

built as (
    select
        evidence_kind,
        currency_code,
        count(*) as row_count,
        sum(transaction_amount) as total_amount,
        {{ fingerprint_of('transaction_key') }} as keys
    from told
    group by evidence_kind, currency_code
)

(select * from staged except select * from built)
union all
(select * from built except select * from staged)
