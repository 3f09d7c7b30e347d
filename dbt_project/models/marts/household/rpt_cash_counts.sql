with lines as (
    select
        *,
        sum(case when line_kind = 'denomination' then counted_amount end) over of_session as denominations_amount
    from {{ ref('int_household__cash_counts_owned') }}
    window of_session as (partition by session_key, currency_code)
)

select
    cash_count_key,
    session_key,
    party_key,
    household_key,
    source_name,
    count_date,
    counted_at,
    till_name,
    line_kind,
    currency_code,
    -- pieces times their value is what was counted; the notes and coins together are the total
    coalesce(
        case line_kind
            when 'denomination' then denomination_amount * pieces_count = counted_amount
            else denominations_amount = counted_amount
        end,
        true
    ) as is_adding_up,
    denomination_amount,
    expected_amount,
    counted_amount,
    cast(counted_amount - expected_amount as decimal(18, 4)) as variance_amount,
    cast(case when line_kind = 'total' then denominations_amount end as decimal(18, 4)) as denominations_amount,
    cast(
        case when line_kind = 'total' then counted_amount - denominations_amount end as decimal(18, 4)
    ) as unlisted_amount,
    pieces_count
from lines
