with statements as (
    select * from {{ ref('int_core__statements_described') }}
),

ordered as (
    select
        *,
        lag(statement_key) over in_time as previous_statement_key,
        lag(last_date) over in_time as previous_last_date,
        lag(closing_amount) over in_time as previous_closing_amount
    from statements
    window in_time as (
        partition by connection_id, account_key, currency_code
        -- several of one day stand in the order of their numbers, of which 9 comes before 10
        order by
            last_date, coalesce(first_date, last_date), length(statement_number), statement_number, statement_key
    )
),

compared as (
    select
        *,
        opening_amount + transactions_amount - closing_amount as difference_amount,
        stated_credit_amount - stated_debit_amount - transactions_amount as control_difference_amount,
        {{ days_between('previous_last_date', 'first_date') }} - 1 as apart_days,
        opening_amount - previous_closing_amount as jump_amount
    from ordered
)

select
    statement_key,
    party_key,
    account_key,
    previous_statement_key,
    source_name,
    statement_number,
    first_date,
    last_date,
    case
        when difference_amount <> 0 then 'unbalanced'
        when previous_statement_key is null and difference_amount = 0 then 'first'
        -- where balances meet nothing is missing, whatever the days say; where they do not, the days say why
        when jump_amount = 0 and difference_amount = 0 then 'continuous'
        when coalesce(jump_amount, 1) <> 0 and apart_days < 0 then 'overlap'
        when coalesce(jump_amount, 1) <> 0 and apart_days > 0 then 'gap'
        when jump_amount <> 0 then 'jump'
        else 'unchecked'
    end as verdict,
    currency_code,
    difference_amount = 0 as is_balanced,
    control_difference_amount = 0 as is_control_sum_met,
    cast(opening_amount as decimal(18, 4)) as opening_amount,
    cast(transactions_amount as decimal(18, 4)) as transactions_amount,
    cast(closing_amount as decimal(18, 4)) as closing_amount,
    cast(difference_amount as decimal(18, 4)) as difference_amount,
    cast(stated_credit_amount as decimal(18, 4)) as stated_credit_amount,
    cast(stated_debit_amount as decimal(18, 4)) as stated_debit_amount,
    cast(control_difference_amount as decimal(18, 4)) as control_difference_amount,
    cast(jump_amount as decimal(18, 4)) as jump_amount,
    cast(case when apart_days is not null then greatest(apart_days, 0) end as integer) as gap_days,
    cast(case when apart_days is not null then greatest(-apart_days, 0) end as integer) as overlap_days,
    transactions_count,
    loaded_at
from compared
