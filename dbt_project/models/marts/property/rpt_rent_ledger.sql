with moves as (
    select * from {{ ref('int_property__rent_moves_unioned') }}
),

tenancies as (
    select * from {{ ref('dim_tenancies') }}
),

months as (
    select
        tenancy_key,
        party_key,
        month_date,
        currency_code,
        cast(sum(case when move_kind = 'rent' then move_amount else 0 end) as decimal(18, 4)) as rent_amount,
        cast(sum(case when move_kind = 'late_fee' then move_amount else 0 end) as decimal(18, 4)) as late_fee_amount,
        cast(sum(case when move_kind = 'deposit' then move_amount else 0 end) as decimal(18, 4)) as deposit_amount,
        cast(
            sum(case when move_kind in ('utility', 'service', 'other') then move_amount else 0 end) as decimal(18, 4)
        ) as other_amount,
        cast(sum(case when move_kind = 'payment' then move_amount else 0 end) as decimal(18, 4)) as paid_amount
    from moves
    group by tenancy_key, party_key, month_date, currency_code
),

summed as (
    select
        *,
        rent_amount + late_fee_amount + deposit_amount + other_amount as charged_amount,
        sum(rent_amount + late_fee_amount + deposit_amount + other_amount - paid_amount) over so_far as closing_amount,
        row_number() over (partition by tenancy_key, currency_code order by month_date desc) as recency
    from months
    window so_far as (
        partition by tenancy_key, currency_code order by month_date
        rows between unbounded preceding and current row
    )
)

select
    summed.tenancy_key,
    summed.party_key,
    summed.month_date,
    summed.currency_code,
    summed.recency = 1 as is_latest,
    cast(summed.closing_amount - summed.charged_amount + summed.paid_amount as decimal(18, 4)) as opening_amount,
    summed.rent_amount,
    summed.late_fee_amount,
    summed.deposit_amount,
    summed.other_amount,
    cast(summed.charged_amount as decimal(18, 4)) as charged_amount,
    summed.paid_amount,
    cast(summed.closing_amount as decimal(18, 4)) as closing_amount,
    -- the source says what is due now, so beside the newest month only
    case when summed.recency = 1 then tenancies.dues_amount end as stated_dues_amount,
    cast(case when summed.recency = 1 then summed.closing_amount - tenancies.dues_amount end as decimal(18, 4))
        as difference_amount
from summed
left join tenancies
    on summed.tenancy_key = tenancies.tenancy_key
    and summed.currency_code = tenancies.currency_code
