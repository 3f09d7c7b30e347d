-- Of a household that plans, from its first planned month on, the variance view has all that the cash flow report says
-- was spent, paid on debts and put aside, but for what its members keep out of the budget. Income stands there where it
-- was planned only, so categories of income are left out. A row here is a month where the two sides differ.
with variance as (
    select * from {{ ref('rpt_budget_variance') }}
),

categories as (
    select * from {{ ref('dim_categories') }}
    where category_kind <> 'income'
),

members as (
    select
        parties.party_key,
        parties.household_key,
        min(variance.month_date) as first_month_date
    from {{ ref('dim_parties') }} as parties
    inner join variance on parties.household_key = variance.household_key
    group by parties.party_key, parties.household_key
),

told as (
    select
        party_key,
        month_date,
        category_id,
        currency_code,
        expense_amount + debt_amount + saving_amount as spent_amount
    from {{ ref('rpt_monthly_cashflow') }}

    union all

    select
        party_key,
        month_date,
        category_id,
        currency_code,
        transaction_amount as spent_amount
    from {{ ref('fct_transactions') }}
    where excluded_from = 'budget' and flow_type in ('expense', 'debt', 'saving')
),

expected as (
    select
        members.household_key,
        told.month_date,
        told.currency_code,
        sum(told.spent_amount) as spent_amount
    from told
    inner join members
        on told.party_key = members.party_key
        and told.month_date >= members.first_month_date
    inner join categories on told.category_id = categories.category_id
    group by members.household_key, told.month_date, told.currency_code
),

found as (
    select
        variance.household_key,
        variance.month_date,
        variance.currency_code,
        sum(variance.actual_amount) as spent_amount
    from variance
    inner join categories on variance.category_id = categories.category_id
    group by variance.household_key, variance.month_date, variance.currency_code
)

select
    coalesce(expected.household_key, found.household_key) as household_key,
    coalesce(expected.month_date, found.month_date) as month_date,
    coalesce(expected.currency_code, found.currency_code) as currency_code,
    expected.spent_amount as expected_amount,
    found.spent_amount as found_amount
from expected
full outer join found
    on expected.household_key = found.household_key
    and expected.month_date = found.month_date
    and expected.currency_code = found.currency_code
where coalesce(expected.spent_amount, 0) <> coalesce(found.spent_amount, 0)
