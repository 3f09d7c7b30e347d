with lines as (
    select * from {{ ref('int_household__budgets_mapped') }}
    where budget_kind = 'envelope'
),

followed as (
    select
        *,
        lag(month_date) over in_time as previous_month_date,
        lag(available_amount) over in_time as previous_available_amount
    from lines
    window in_time as (
        partition by connection_id, plan_name, category_group, category_name, currency_code
        order by month_date, budget_key
    )
),

-- what the month before was left with, where there is a month before
opened as (
    select
        *,
        case
            when previous_month_date >= {{ days_after('month_date', '-31') }} then previous_available_amount
        end as opening_amount
    from followed
),

computed as (
    select
        *,
        opening_amount + budgeted_amount + activity_amount as computed_amount,
        available_amount - (opening_amount + budgeted_amount + activity_amount) as difference_amount
    from opened
)

select
    budget_key as envelope_month_key,
    party_key,
    household_key,
    category_id,
    month_date,
    source_name,
    plan_name,
    category_group as envelope_group,
    category_name as envelope_name,
    case
        when difference_amount is null then 'unknown'
        when difference_amount = 0 then 'carried'
        when opening_amount < 0 and difference_amount = -opening_amount then 'overspending_covered'
        else 'unexplained'
    end as roll_verdict,
    currency_code,
    opening_amount,
    budgeted_amount as assigned_amount,
    activity_amount,
    available_amount,
    cast(computed_amount as decimal(18, 4)) as computed_amount,
    cast(difference_amount as decimal(18, 4)) as difference_amount
from computed
