{{ config(materialized='table') }}

with parties as (
    select * from {{ ref('dim_parties') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

months as (
    select * from {{ ref('rpt_monthly_balances') }}
),

debts as (
    select * from {{ ref('int_household__debts_owned') }}
),

counts as (
    select * from {{ ref('int_household__cash_counts_owned') }}
    where line_kind = 'total'
),

latest_months as (
    select
        account_key,
        currency_code,
        max(month_date) as month_date
    from months
    group by account_key, currency_code
),

-- accounts whose balance is told: a till of the same name is the same money
told as (
    select distinct
        accounts.party_key,
        {{ name_key('accounts.account_name') }} as account_word
    from accounts
    where accounts.has_balance and accounts.party_key in (select counts.party_key from counts)
),

tills as (
    select
        counts.*,
        row_number() over (
            partition by counts.party_key, counts.source_name, counts.till_word, counts.currency_code
            order by counts.count_date desc, counts.counted_at desc nulls last, counts.cash_count_key asc
        ) as recency
    from counts
    left join told
        on counts.party_key = told.party_key
        -- a till without a name may be any account
        and (counts.till_word = told.account_word or counts.till_word = '')
    where told.party_key is null
),

items as (
    select
        {{ key_of(['cast(months.account_key as varchar)', 'months.currency_code']) }} as worth_item_key,
        months.party_key,
        months.account_key,
        'account' as item_kind,
        accounts.account_name as item_name,
        months.currency_code,
        months.balance_amount as item_amount,
        months.balance_date as item_date
    from months
    inner join latest_months
        on months.account_key = latest_months.account_key
        and months.currency_code = latest_months.currency_code
        and months.month_date = latest_months.month_date
    left join accounts on months.account_key = accounts.account_key

    union all

    select
        debt_key as worth_item_key,
        party_key,
        cast(null as uuid) as account_key,
        case debt_direction when 'borrowed' then 'debt_borrowed' else 'debt_lent' end as item_kind,
        counterparty_name as item_name,
        currency_code,
        case debt_direction when 'borrowed' then -outstanding_amount else outstanding_amount end as item_amount,
        {{ utc_day_of('loaded_at') }} as item_date
    from debts

    union all

    select
        cash_count_key as worth_item_key,
        party_key,
        cast(null as uuid) as account_key,
        'till' as item_kind,
        till_name as item_name,
        currency_code,
        counted_amount as item_amount,
        count_date as item_date
    from tills
    where recency = 1
),

currencies as (
    select
        party_key,
        case when count(distinct currency_code) = 1 then min(currency_code) end as only_currency_code
    from items
    where item_amount <> 0
    group by party_key
)

select
    items.worth_item_key,
    items.party_key,
    parties.household_key,
    items.account_key,
    items.item_kind,
    items.item_name,
    items.currency_code,
    items.item_amount,
    items.item_date,
    coalesce(parties.base_currency_code, currencies.only_currency_code) as base_currency_code,
    -- one day for a household, so that its sums can be added: the newest on which anything of it is known
    least(max(items.item_date) over (partition by parties.household_key), {{ as_of_day() }}) as as_of_date
from items
left join parties on items.party_key = parties.party_key
left join currencies on items.party_key = currencies.party_key
where items.item_amount <> 0
