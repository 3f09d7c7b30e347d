-- What a household asks of its money.

create table household.rpt_monthly_balances as
select
    account_key, any_value(party_key) as party_key, date_trunc('month', balance_date)::date as month_date,
    max(balance_date) as balance_date, arg_max(balance_source, balance_date) as balance_source, currency_code,
    sum(transactions_amount)::decimal(18, 4) as transactions_amount,
    coalesce(sum(unexplained_amount), 0)::decimal(18, 4) as unexplained_amount,
    arg_max(balance_amount, balance_date) as balance_amount
from core.fct_account_balances_daily
group by account_key, currency_code, date_trunc('month', balance_date);

create table household.rpt_monthly_cashflow as
with flows as (
    select
        party_key, month_date, category_id, flow_type, currency_code,
        sum(transaction_amount)::decimal(18, 4) as net_amount, count(*) as transaction_count
    from core.fct_transactions where flow_type <> 'none' group by all
),
months as (
    select
        party_key, month_date, currency_code,
        (sum(net_amount) filter (flow_type = 'income'))::decimal(18, 4) as income,
        coalesce(sum(net_amount) filter (flow_type = 'expense'), 0)::decimal(18, 4) as spent,
        coalesce(sum(net_amount) filter (flow_type = 'debt'), 0)::decimal(18, 4) as debts
    from flows group by all
)
select
    party_key, month_date, category_id, flow_type, currency_code,
    (if(flow_type = 'income', net_amount, 0))::decimal(18, 4) as income_amount,
    (if(flow_type = 'expense', -net_amount, 0))::decimal(18, 4) as expense_amount,
    (if(flow_type = 'debt', -net_amount, 0))::decimal(18, 4) as debt_amount,
    (if(flow_type = 'saving', -net_amount, 0))::decimal(18, 4) as saving_amount,
    net_amount, transaction_count,
    case when income > 0 then ((income + spent + least(debts, 0)) / income)::double end as savings_rate
from flows inner join months using (party_key, month_date, currency_code);

create table household.rpt_monthly_savings as
select
    *,
    case
        when income_amount > 0
            then ((income_amount - expense_amount - greatest(debt_amount, 0)) / income_amount)::double
    end as savings_rate
from (
    select
        party_key, month_date, currency_code,
        sum(income_amount)::decimal(18, 4) as income_amount, sum(expense_amount)::decimal(18, 4) as expense_amount,
        sum(debt_amount)::decimal(18, 4) as debt_amount, sum(saving_amount)::decimal(18, 4) as saving_amount,
        sum(net_amount)::decimal(18, 4) as net_amount
    from household.rpt_monthly_cashflow group by all
);

create table household.rpt_uncategorised as
select
    party_key, source_name, coalesce(source_category, '') as source_category, currency_code,
    min(transaction_date) as first_date, max(transaction_date) as last_date, count(*) as transaction_count,
    sum(greatest(transaction_amount, 0))::decimal(18, 4) as in_amount,
    sum(greatest(-transaction_amount, 0))::decimal(18, 4) as out_amount
from core.fct_transactions where category_id = 'uncategorised'
group by all;

-- without debts, till counts and rates, which the synthetic data have none of: worth is what stands in the accounts
create table household.rpt_net_worth_items as
with worth as (
    select
        b.account_key, b.party_key, p.household_key, p.base_currency_code, b.currency_code, b.balance_amount,
        b.balance_date
    from household.rpt_monthly_balances as b inner join core.dim_parties as p using (party_key)
    qualify
        row_number() over (partition by b.account_key, b.currency_code order by b.month_date desc) = 1
        and b.balance_amount <> 0
),
dated as (
    select
        *,
        least(max(balance_date) over (partition by household_key), (now() at time zone 'UTC')::date) as as_of_date,
        coalesce(base_currency_code, if(
            min(currency_code) over of_party = max(currency_code) over of_party, currency_code, null
        )) as base
    from worth
    window of_party as (partition by party_key)
)
select
    md5(d.account_key::varchar || '|' || d.currency_code)::uuid as worth_item_key, d.party_key, d.household_key,
    d.account_key, d.as_of_date, d.balance_date as item_date, 'account' as item_kind, a.account_name as item_name,
    d.currency_code, d.base as base_currency_code, coalesce(d.base = d.currency_code, false) as is_converted,
    d.balance_amount as item_amount, if(d.base = d.currency_code, d.balance_amount, null) as base_amount,
    if(d.base = d.currency_code, 'same', null) as rate_method, null::decimal(28, 14) as conversion_rate,
    null::date as rate_date, null::varchar as rate_source, null::varchar as rate_kind,
    null::varchar as pivot_currency_code, null::uuid as fx_rate_key, null::uuid as second_fx_rate_key
from dated as d inner join core.dim_accounts as a using (account_key);

create table household.rpt_net_worth as
select
    party_key, household_key, as_of_date, base_currency_code as currency_code,
    (sum(greatest(base_amount, 0)) filter (is_converted))::decimal(18, 4) as assets_amount,
    (sum(greatest(-base_amount, 0)) filter (is_converted))::decimal(18, 4) as debts_amount,
    sum(base_amount)::decimal(18, 4) as net_amount, count(*) as item_count, count(base_amount) as converted_count,
    count(*) filter (not is_converted) as unconverted_count
from household.rpt_net_worth_items
group by all;
