-- Every mart of dbt_project written by hand: what a careful person would type for one full build in one session.
-- Reads wh.raw and the two seed files (folder in the variable `seeds`), writes the schemas of the present database.

create schema core;
create schema household;
create schema ops;

create temp table categories as
from read_csv(getvariable('seeds') || '/categories.csv', header = true, all_varchar = true);

create temp table rules as
select
    source_name,
    coalesce(entry_kind, '') as entry_kind,
    coalesce(source_group, '') as group_key,
    source_category as name_key,
    category_id
from read_csv(getvariable('seeds') || '/category_map.csv', header = true, all_varchar = true);

create temp macro plain(words) as lower(regexp_replace(regexp_replace(
    replace(nfc_normalize(words), '_', ' '), '^[^\p{L}\p{N}]+', ''), '[^\p{L}\p{M}\p{N})]+$', ''));

update rules set group_key = plain(group_key), name_key = plain(name_key);

create temp table connections as
select
    p.connection_id,
    md5(p.connection_id)::uuid as connection_key,
    md5(p.party_id)::uuid as party_key,
    coalesce(c.source_name, 'unknown') as source_name,
    coalesce(c.connection_label, p.connection_id) as connection_label,
    c.scopes,
    c.purpose,
    c.granted_at,
    c.expires_at,
    c.ended_at
from wh.raw.parties as p
left join (
    select distinct on (connection_id) * from wh.raw.consents where not deleted
    order by connection_id, granted_at desc, _key desc
) as c on p.connection_id = c.connection_id
where not p.deleted;

create temp table accounts as
select
    md5(a.connection_id || '|' || a.record_id)::uuid as account_key,
    a.connection_id, a.record_id as account_id, c.party_key, c.connection_key, c.source_name,
    a.account_name, a.account_kind, a.institution_name, a.masked_number, a.currency_code
from wh.raw.accounts as a
left join connections as c on a.connection_id = c.connection_id
where not a.deleted;

create temp view entries as
select
    _key, connection_id, account_id, 'ledger_entry' as evidence_kind, entry_kind as transaction_kind,
    coalesce(category_group, '') as category_group, coalesce(category_name, '') as category_name,
    coalesce(payee_name, counterparty_name) as payee_name, currency_code, entry_amount as transaction_amount,
    entry_date as transaction_date, _loaded_at as loaded_at
from wh.raw.ledger_entries where not deleted
union all
select
    _key, connection_id, account_id, 'bank_transaction',
    case when transaction_amount > 0 then 'income' else 'expense' end, '', '', payee_name, currency_code,
    transaction_amount, booked_date, _loaded_at
from wh.raw.bank_transactions where not deleted;

create temp table mapped as
with named as (
    select distinct c.source_name, e.transaction_kind, e.category_group, e.category_name
    from entries as e inner join connections as c on e.connection_id = c.connection_id
),
matched as (
    select distinct on (n.source_name, n.transaction_kind, n.category_group, n.category_name) n.*, r.category_id
    from (select *, plain(category_group) as group_key, plain(category_name) as name_key from named) as n
    left join rules as r
        on n.name_key = r.name_key and n.name_key <> ''
        and r.source_name in ('*', n.source_name)
        and r.group_key in ('', n.group_key)
        and r.entry_kind in ('', n.transaction_kind)
    order by
        n.source_name, n.transaction_kind, n.category_group, n.category_name,
        (case when r.source_name <> '*' then 4 else 0 end) + (case when r.group_key <> '' then 2 else 0 end)
        + (case when r.entry_kind <> '' then 1 else 0 end) desc
),
chosen as (
    select
        * replace (coalesce(category_id, case transaction_kind
            when 'transfer' then 'account_transfer' when 'opening_balance' then 'opening_balance'
            when 'debt_payment' then 'debt_repayment' else 'uncategorised' end) as category_id),
        case
            when category_name = '' then null
            when category_group = '' then category_name
            else category_group || ': ' || category_name
        end as source_category
    from matched
)
select
    chosen.*,
    case
        when transaction_kind in ('transfer', 'opening_balance') then 'none'
        when transaction_kind = 'debt_payment' then 'debt'
        when category_id = 'uncategorised' then transaction_kind
        when category_kind = 'transfer' then 'none'
        else category_kind
    end as flow_type
from chosen inner join categories using (category_id);

create table core.fct_transactions as
select
    e._key as transaction_key,
    c.party_key,
    coalesce(a.account_key, md5(e.connection_id || '|' || e.account_id)::uuid) as account_key,
    m.category_id,
    e.transaction_date,
    date_trunc('month', e.transaction_date)::date as month_date,
    c.source_name,
    e.evidence_kind,
    e.transaction_kind,
    m.flow_type,
    m.source_category,
    e.payee_name,
    e.currency_code,
    m.flow_type = 'none' and e.transaction_kind <> 'opening_balance' as is_transfer,
    e.transaction_amount,
    e.loaded_at
from entries as e
left join connections as c on e.connection_id = c.connection_id
left join accounts as a on e.connection_id = a.connection_id and e.account_id = a.account_id
left join mapped as m
    on c.source_name = m.source_name and e.transaction_kind = m.transaction_kind
    and e.category_group = m.category_group and e.category_name = m.category_name;

create table core.dim_accounts as
select
    account_key, party_key, connection_key, source_name, account_name, account_kind, institution_name,
    masked_number, currency_code, true as is_declared
from accounts
union all
select
    account_key, min(party_key), null, min(source_name), 'Undeclared account', 'other', null, null, null, false
from core.fct_transactions where account_key not in (select account_key from accounts)
group by account_key;

create table core.dim_categories as
select
    c.category_id, coalesce(c.parent_id, c.category_id) as group_id, c.level::integer as category_level,
    c.category_kind, c.necessity, c.coicop_2018_division, c.plaid_pfc as plaid_pfc_code,
    c.name_en as category_name_en, c.name_bn as category_name_bn, c.name_ar as category_name_ar,
    coalesce(g.name_en, c.name_en) as group_name_en, coalesce(g.name_bn, c.name_bn) as group_name_bn,
    coalesce(g.name_ar, c.name_ar) as group_name_ar
from categories as c left join categories as g on c.parent_id = g.category_id;

create table core.dim_connections as
select
    connection_key, connection_id, party_key, source_name, connection_label, scopes, purpose,
    ended_at is not null as is_ended, granted_at, expires_at, ended_at
from connections;

create table core.dim_dates as
with days as (
    select unnest(generate_series(
        date_trunc('year', min(transaction_date)),
        date_trunc('year', max(transaction_date)) + interval 1 year - interval 1 day,
        interval 1 day
    ))::date as date_day
    from core.fct_transactions
)
select
    date_day,
    date_trunc('month', date_day)::date as month_date,
    date_trunc('quarter', date_day)::date as quarter_date,
    year(date_day)::integer as year_no,
    quarter(date_day)::integer as quarter_no,
    month(date_day)::integer as month_no,
    day(date_day)::integer as day_of_month_no,
    isoyear(date_day)::integer as iso_year_no,
    week(date_day)::integer as iso_week_no,
    isodow(date_day)::integer as iso_weekday_no,
    year(date_day + interval 6 month)::integer as fiscal_year_bd_no,
    make_date(year(date_day + interval 6 month) - 1, 7, 1) as fiscal_year_bd_start_date,
    ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November',
        'December'][month(date_day)] as month_name_en,
    ['জানুয়ারি', 'ফেব্রুয়ারি', 'মার্চ', 'এপ্রিল', 'মে', 'জুন', 'জুলাই', 'আগস্ট', 'সেপ্টেম্বর', 'অক্টোবর', 'নভেম্বর',
        'ডিসেম্বর'][month(date_day)] as month_name_bn,
    ['يناير', 'فبراير', 'مارس', 'أبريل', 'مايو', 'يونيو', 'يوليو', 'أغسطس', 'سبتمبر', 'أكتوبر', 'نوفمبر',
        'ديسمبر'][month(date_day)] as month_name_ar
from days;

create table core.dim_parties as
select md5(party_id)::uuid as party_key, party_id, party_label, party_kind, connection_count
from (
    select
        *,
        count(*) over (partition by party_id) as connection_count,
        row_number() over (partition by party_id order by _loaded_at desc, version desc, connection_id desc) as place
    from wh.raw.parties where not deleted
) where place = 1;

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

create table ops.rpt_sync_health as
with summed as (
    select
        connection_id,
        count(*) as load_count,
        max(merged_at) as last_success_at,
        arg_max(held_back_count, load_seq) as held_back_count
    from wh.raw.loads group by connection_id
),
counted as (
    select
        l.connection_id,
        sum(n.read_count)::bigint as read_count, sum(n.merged_count)::bigint as merged_count,
        sum(n.unchanged_count)::bigint as unchanged_count, sum(n.quarantined_count)::bigint as quarantined_count
    from wh.raw.load_counts as n inner join wh.raw.loads as l using (load_id) group by l.connection_id
)
select
    c.connection_key, c.party_key, c.connection_label, c.source_name, c.ended_at is not null as is_ended,
    coalesce(s.held_back_count, 0) > 0 as has_held_back_rows,
    date_diff('day', s.last_success_at, now())::integer as lag_days,
    date_diff('day', now(), c.expires_at)::integer as consent_left_days,
    coalesce(s.load_count, 0) as load_count, coalesce(n.read_count, 0) as read_count,
    coalesce(n.merged_count, 0) as merged_count, coalesce(n.unchanged_count, 0) as unchanged_count,
    coalesce(n.quarantined_count, 0) as quarantined_count, coalesce(s.held_back_count, 0) as held_back_count,
    s.last_success_at, c.expires_at as consent_expires_at, now() as as_of_at
from connections as c
left join summed as s using (connection_id)
left join counted as n using (connection_id);

create table ops.rpt_webhook_events as
select
    sender_name, event_type, bool_or(is_known_type) as is_known_type, bool_or(not is_handled) as has_waiting_events,
    count(*) as event_count, count(*) filter (where is_handled) as handled_count,
    count(*) filter (where not is_handled) as waiting_count, min(event_at) as first_event_at,
    max(event_at) as last_event_at, max(received_at) as last_received_at
from wh.raw.webhook_events
group by all;
