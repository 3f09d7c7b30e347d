{{ config(group='core') }}
-- What a party owns and owes is the sum of its converted items, and the items hold the newest balance of every account
-- and every open debt, in their own currencies. A row here is a sum that stands on one side only.
with items as (
    select * from {{ ref('rpt_net_worth_items') }}
),

newest as (
    select
        account_key,
        currency_code,
        max(balance_date) as balance_date
    from {{ ref('rpt_monthly_balances') }}
    group by account_key, currency_code
),

expected as (
    select
        'net' as what,
        cast(party_key as varchar) as whose,
        net_amount as amount
    from {{ ref('rpt_net_worth') }}
    where converted_count > 0

    union all

    select
        'account' as what,
        balances.currency_code as whose,
        sum(balances.balance_amount) as amount
    from {{ ref('rpt_monthly_balances') }} as balances
    inner join newest
        on balances.account_key = newest.account_key
        and balances.currency_code = newest.currency_code
        and balances.balance_date = newest.balance_date
    group by balances.currency_code

    union all

    select
        'debt_' || debt_direction as what,
        currency_code as whose,
        sum(case debt_direction when 'borrowed' then -outstanding_amount else outstanding_amount end) as amount
    from {{ ref('int_household__debts_owned') }}
    group by debt_direction, currency_code
),

found as (
    select
        'net' as what,
        cast(party_key as varchar) as whose,
        sum(base_amount) as amount
    from items
    where is_converted
    group by party_key

    union all

    select
        item_kind as what,
        currency_code as whose,
        sum(item_amount) as amount
    from items
    where item_kind <> 'till'
    group by item_kind, currency_code
)

select
    coalesce(expected.what, found.what) as what,
    coalesce(expected.whose, found.whose) as whose,
    expected.amount as expected_amount,
    found.amount as found_amount
from expected
full outer join found
    on expected.what = found.what
    and expected.whose = found.whose
where coalesce(expected.amount, 0) <> coalesce(found.amount, 0)
