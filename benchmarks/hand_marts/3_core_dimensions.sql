-- Parties, connections, accounts, categories and days.

create temp table statements as
select
    s.*, c.party_key, c.source_name,
    coalesce(a.account_key, md5(s.connection_id || '|' || s.account_id)::uuid) as account_key
from wh.raw.statements as s
left join connections as c on s.connection_id = c.connection_id
left join accounts as a on s.connection_id = a.connection_id and s.account_id = a.account_id
where not s.deleted;

create table core.dim_accounts as
with mentioned as (
    select account_key, party_key, source_name from core.fct_transactions
    union all select account_key, party_key, source_name from core.fct_pending_transactions
    union all select account_key, party_key, source_name from balances
    union all select account_key, party_key, source_name from statements
),
every as (
    select
        account_key, first(party_key order by rank_of(source_name), connection_id) as party_key,
        first(connection_key order by rank_of(source_name), connection_id) as connection_key,
        first(source_name order by rank_of(source_name), connection_id) as source_name,
        first(account_name order by rank_of(source_name), connection_id) as account_name,
        first(account_kind order by rank_of(source_name), connection_id) as account_kind,
        coalesce(first(institution_name order by rank_of(source_name), connection_id), max(institution_name))
            as institution_name,
        coalesce(first(account_group order by rank_of(source_name), connection_id), max(account_group))
            as account_group,
        coalesce(first(masked_number order by rank_of(source_name), connection_id), max(masked_number))
            as masked_number,
        coalesce(first(currency_code order by rank_of(source_name), connection_id), max(currency_code))
            as currency_code,
        true as is_declared, count(*) as source_count
    from accounts group by account_key
    union all
    select
        account_key, min(party_key), null, min(source_name), 'Undeclared account', 'other', null, null, null, null,
        false, 1
    from mentioned where account_key not in (select account_key from accounts)
    group by account_key
)
select
    every.* exclude (source_count), account_key in (select account_key from core.fct_account_balances_daily)
        as has_balance,
    source_count
from every;

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
    from (
        select transaction_date from core.fct_transactions
        union all select balance_date from core.fct_account_balances_daily
    )
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
select
    md5(party_id)::uuid as party_key, party_id, coalesce(md5(s.household_id), md5(party_id))::uuid as household_key,
    party_label, party_kind, s.household_label, s.base_currency_code, connection_count
from (
    select
        *,
        count(*) over (partition by party_id) as connection_count,
        row_number() over (partition by party_id order by _loaded_at desc, version desc, connection_id desc) as place
    from wh.raw.parties where not deleted
) left join wh.raw.party_settings as s using (party_id) where place = 1;
