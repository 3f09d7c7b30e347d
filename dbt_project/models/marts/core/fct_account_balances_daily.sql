{{ config(
    materialized='incremental', incremental_strategy='parties', on_schema_change='fail'
) }}

-- depends_on: {{ ref('int_core__changes_since_built') }}

with reported as (
    select * from {{ ref('int_core__balances_reported') }}
    {{ where_party_changed() }}
),

transactions as (
    select * from {{ ref('fct_transactions') }}
    {{ where_party_changed() }}
),

-- read by itself, so that the engine need not hold every transaction for two readers
beginnings as (
    select
        party_key,
        account_key,
        currency_code,
        transaction_kind
    from {{ ref('fct_transactions') }}
    {{ where_party_changed() }}
),

-- a balance can be told of an account in a currency where somebody reported one, or the ledger says what it began with
series as (
    select
        party_key,
        account_key,
        currency_code
    from reported
    union
    select
        party_key,
        account_key,
        currency_code
    from beginnings
    where transaction_kind = 'opening_balance'
),

told as (
    select
        party_key,
        account_key,
        currency_code,
        balance_date,
        balance_amount as reported_amount,
        disagreement_amount,
        cast(0 as decimal(18, 4)) as transactions_amount,
        cast(0 as decimal(18, 4)) as late_amount
    from reported

    union all

    select
        series.party_key,
        series.account_key,
        series.currency_code,
        transactions.transaction_date as balance_date,
        cast(null as decimal(18, 4)) as reported_amount,
        cast(null as decimal(18, 4)) as disagreement_amount,
        transactions.transaction_amount as transactions_amount,
        -- read after the balance of a day that still went on, so not in it
        case when reported.account_key is null then 0 else transactions.transaction_amount end as late_amount
    from transactions
    inner join series
        on transactions.party_key = series.party_key
        and transactions.account_key = series.account_key
        and transactions.currency_code = series.currency_code
    left join reported
        on transactions.account_key = reported.account_key
        and transactions.currency_code = reported.currency_code
        and transactions.transaction_date = reported.balance_date
        and reported.is_running
        and transactions.loaded_at > reported.read_at
),

-- only days on which something is known: the days between are the last step's
known_days as (
    select
        party_key,
        account_key,
        currency_code,
        balance_date,
        max(reported_amount) as reported_amount,
        max(disagreement_amount) as disagreement_amount,
        sum(transactions_amount) as transactions_amount,
        max(reported_amount) + sum(late_amount) as anchor_amount
    from told
    group by party_key, account_key, currency_code, balance_date
),

summed as (
    select
        *,
        sum(transactions_amount) over days_so_far as summed_amount,
        count(reported_amount) over days_so_far as anchor_no,
        lead(balance_date) over (
            partition by party_key, account_key, currency_code order by balance_date
        ) as next_date
    from known_days
    window days_so_far as (
        partition by party_key, account_key, currency_code order by balance_date
        rows between unbounded preceding and current row
    )
),

-- what a reported balance says the account held before the first transaction that is known
anchors as (
    select
        party_key,
        account_key,
        currency_code,
        anchor_no,
        anchor_amount - summed_amount as base_amount
    from summed
    where anchor_amount is not null
),

based as (
    select
        summed.*,
        -- before the first anchor by the first, then by the last one; by a ledger's own beginning where there is none
        coalesce(anchors.base_amount, 0) as base_amount,
        case
            when summed.reported_amount is not null then anchors.base_amount - former.base_amount
        end as unexplained_amount
    from summed
    left join anchors
        on summed.party_key = anchors.party_key
        and summed.account_key = anchors.account_key
        and summed.currency_code = anchors.currency_code
        and greatest(summed.anchor_no, 1) = anchors.anchor_no
    left join anchors as former
        on summed.party_key = former.party_key
        and summed.account_key = former.account_key
        and summed.currency_code = former.currency_code
        and summed.anchor_no - 1 = former.anchor_no
),

days as (
    select
        *,
        {{ each_day_from_to(
            'balance_date',
            'least(coalesce(' ~ days_after('next_date', '-1') ~ ', balance_date), '
            ~ days_after('balance_date', most_quiet_days()) ~ ')'
        ) }} as date_day
    from based
),

closed as (
    select
        *,
        date_day = balance_date as is_known_day,
        coalesce(date_day = balance_date and reported_amount = base_amount + summed_amount, false) as is_reported,
        base_amount + summed_amount as closing_amount
    from days
)

select
    account_key,
    party_key,
    date_day as balance_date,
    case when is_reported then 'reported' else 'derived' end as balance_source,
    currency_code,
    cast(
        case
            when is_known_day then closing_amount - transactions_amount - coalesce(unexplained_amount, 0)
            else closing_amount
        end as decimal(18, 4)
    ) as opening_amount,
    cast(case when is_known_day then transactions_amount else 0 end as decimal(18, 4)) as transactions_amount,
    cast(case when is_known_day then unexplained_amount end as decimal(18, 4)) as unexplained_amount,
    cast(closing_amount as decimal(18, 4)) as balance_amount,
    cast(case when is_known_day then reported_amount end as decimal(18, 4)) as reported_amount,
    cast(case when is_known_day then disagreement_amount end as decimal(18, 4)) as disagreement_amount
from closed
