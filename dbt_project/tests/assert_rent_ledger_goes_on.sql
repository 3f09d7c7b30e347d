-- A month opens with what the tenancy's month before closed with, and the first one with nothing. A row here is a month
-- that does not follow.
with months as (
    select
        tenancy_key,
        currency_code,
        month_date,
        opening_amount,
        lag(closing_amount) over (partition by tenancy_key, currency_code order by month_date) as former_amount
    from {{ ref('rpt_rent_ledger') }}
)

select * from months
where opening_amount <> coalesce(former_amount, 0)
