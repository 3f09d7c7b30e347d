with goals as (
    select
        *,
        {{ as_of_day() }} as as_of_date,
        target_amount - saved_amount as missing_amount
    from {{ ref('int_household__goals_owned') }}
),

-- the day it is needed by is months away, the running one counted; days since it began give the pace
timed as (
    select
        *,
        case
            when target_date >= as_of_date then greatest({{ months_between('as_of_date', 'target_date') }}, 1)
        end as left_months,
        case when start_date < as_of_date then {{ days_between('start_date', 'as_of_date') }} end as past_days
    from goals
),

paced as (
    select
        *,
        case
            when missing_amount > 0 and saved_amount > 0 and past_days > 0
                then {{ whole_days_for('missing_amount', 'saved_amount', 'past_days') }}
        end as needed_days
    from timed
),

judged as (
    select
        *,
        case
            -- beyond two centuries a day says nothing
            when needed_days < 73000 then {{ days_after('as_of_date', 'cast(needed_days as integer)') }}
        end as projected_date
    from paced
)

select
    savings_goal_key,
    party_key,
    household_key,
    source_name,
    goal_name,
    goal_status,
    start_date,
    target_date,
    projected_date,
    case
        when target_amount is null then 'open_ended'
        when missing_amount <= 0 then 'reached'
        when target_date < as_of_date then 'overdue'
        when target_date is null then 'no_date'
        when projected_date is null then 'no_pace'
        when projected_date <= target_date then 'on_track'
        else 'behind'
    end as goal_verdict,
    currency_code,
    target_amount,
    saved_amount,
    cast(case when missing_amount < 0 then 0 else missing_amount end as decimal(18, 4)) as missing_amount,
    case
        when missing_amount > 0 and left_months is not null
            then {{ divided_up('missing_amount', 'left_months') }}
    end as needed_monthly_amount,
    cast(saved_amount / nullif(target_amount, 0) as double precision) as progress_rate,
    {{ as_of_instant() }} as as_of_at
from judged
