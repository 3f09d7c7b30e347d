{{ config(group='core') }}
-- Per party and currency, the report has the debts of staging, no more and no fewer, and the same open sums. A row here
-- stands on one side only.
with stated as (
    select
        party_key,
        currency_code,
        count(*) as debt_count,
        sum(case debt_direction when 'borrowed' then -outstanding_amount else outstanding_amount end) as net_amount
    from {{ ref('int_household__debts_owned') }}
    group by party_key, currency_code
),

reported as (
    select
        party_key,
        currency_code,
        sum(debt_count) as debt_count,
        sum(net_amount) as net_amount
    from {{ ref('rpt_debts') }}
    group by party_key, currency_code
)

(select * from stated except select * from reported)
union all
(select * from reported except select * from stated)
