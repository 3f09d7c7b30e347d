-- The cash flow report repeats the savings rate of the whole month, which the savings report has once. A row here is a
-- cash flow row with another rate than its month's, or with a rate where its month has none.
select
    cashflow.party_key,
    cashflow.month_date,
    cashflow.category_id,
    cashflow.flow_type,
    cashflow.currency_code,
    cashflow.savings_rate,
    savings.savings_rate as months_savings_rate
from {{ ref('rpt_monthly_cashflow') }} as cashflow
left join {{ ref('rpt_monthly_savings') }} as savings
    on cashflow.party_key = savings.party_key
    and cashflow.month_date = savings.month_date
    and cashflow.currency_code = savings.currency_code
where cashflow.savings_rate is distinct from savings.savings_rate
