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

create temp macro rank_of(source) as
    coalesce(list_position(['lean', 'camt', 'mt940', 'ofx', 'bank_csv', 'qif'], source), 7);

create temp table told_accounts as
select
    md5(a.connection_id || '|' || a.record_id)::uuid as own_key,
    a.connection_id, a.record_id as account_id, c.party_key, c.connection_key, c.source_name,
    a.account_name, a.account_kind, a.institution_name, a.masked_number, a.number_key, a.currency_code
from wh.raw.accounts as a
left join connections as c on a.connection_id = c.connection_id
where not a.deleted;

create temp table accounts as
with numbers as (
    select party_key, number_key, list(distinct currency_code) filter (currency_code is not null) as currencies
    from told_accounts where number_key is not null group by all
),
numbered as (
    select
        a.own_key, a.connection_id, a.party_key, a.number_key,
        case
            when a.currency_code is not null then a.currency_code
            when len(coalesce(n.currencies, [])) = 0 then ''
            when len(n.currencies) = 1 then n.currencies[1]
        end as currency
    from told_accounts as a inner join numbers as n using (party_key, number_key)
),
shared as (
    select min(own_key) as account_key, unnest(list(own_key)) as own_key
    from numbered where currency is not null
    group by party_key, number_key, currency
    having count(*) = count(distinct connection_id)
)
select
    a.*,
    coalesce(s.account_key, a.own_key) as account_key,
    count(*) over (partition by coalesce(s.account_key, a.own_key)) as source_count
from told_accounts as a left join shared as s using (own_key);

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
from wh.raw.bank_transactions where not deleted and booking_status = 'booked';

-- booked rows of accounts with several sources: the k-th equal row of a day is one event, told by the best source
create temp table paired as
with numbered as (
    select
        b._key, a.party_key, a.account_key, b.connection_id, a.source_name, b.booked_date, b.currency_code,
        b.transaction_amount,
        row_number() over (
            partition by a.account_key, b.booked_date, b.currency_code, b.transaction_amount, b.connection_id
            order by b._key
        ) as k
    from wh.raw.bank_transactions as b
    inner join accounts as a on b.connection_id = a.connection_id and b.account_id = a.account_id
    where not b.deleted and b.booking_status = 'booked' and a.source_count > 1
),
events as (
    select
        account_key, booked_date, currency_code, transaction_amount, k, count(*) as evidence_count,
        list(_key order by rank_of(source_name), connection_id)[1] as kept_key,
        list(source_name order by rank_of(source_name), connection_id)[1] as kept_source_name,
        list(connection_id) as tellers
    from numbered group by all
)
select n.*, e.evidence_count, e.kept_key, e.kept_source_name, e.tellers
from numbered as n
inner join events as e using (account_key, booked_date, currency_code, transaction_amount, k);

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
    coalesce(p.evidence_count, 1) as evidence_count,
    e.loaded_at
from entries as e
left join paired as p on e._key = p._key
left join connections as c on e.connection_id = c.connection_id
left join accounts as a on e.connection_id = a.connection_id and e.account_id = a.account_id
left join mapped as m
    on c.source_name = m.source_name and e.transaction_kind = m.transaction_kind
    and e.category_group = m.category_group and e.category_name = m.category_name
where p._key is null or p._key = p.kept_key;

create table ops.rpt_duplicates as
select
    _key as transaction_key, kept_key as kept_transaction_key, party_key, account_key, booked_date as transaction_date,
    source_name, kept_source_name, currency_code, transaction_amount
from paired where _key <> kept_key;

create table ops.rpt_possible_duplicates as
select
    e._key as transaction_key, l._key as later_transaction_key, e.party_key, e.account_key,
    e.booked_date as transaction_date, l.booked_date as later_transaction_date, e.source_name,
    l.source_name as later_source_name, e.currency_code, e.transaction_amount,
    (l.booked_date - e.booked_date)::integer as apart_days
from paired as e
inner join paired as l using (account_key, currency_code, transaction_amount)
where
    e._key = e.kept_key and l._key = l.kept_key and l.booked_date - e.booked_date between 1 and 3
    and not list_has_any(e.tellers, l.tellers);

create temp table balances as
select distinct on (account_key, currency_code, balance_date)
    *,
    max(balance_amount) over (partition by account_key, currency_code, balance_date, is_running)
    - min(balance_amount) over (partition by account_key, currency_code, balance_date, is_running)
        as disagreement_amount
from (
    select
        c.party_key, coalesce(a.account_key, md5(b.connection_id || '|' || b.account_id)::uuid) as account_key,
        c.source_name, b.currency_code, b.balance_kind, b.balance_amount, b.version, b._key, b._loaded_at,
        b.balance_kind = 'ledger' and b._loaded_at < b.balance_date::timestamptz + interval 36 hour as is_running,
        b.balance_date - if(b.balance_kind = 'opening', 1, 0) as balance_date
    from wh.raw.balances as b
    left join connections as c on b.connection_id = c.connection_id
    left join accounts as a on b.connection_id = a.connection_id and b.account_id = a.account_id
    where not b.deleted and b.balance_kind <> 'available'
)
order by account_key, currency_code, balance_date, is_running, rank_of(source_name), balance_kind, version desc, _key;

create table core.fct_account_balances_daily as
with steps as (
    select
        account_key, party_key, currency_code, balance_date, sum(moved)::decimal(18, 4) as moved,
        max(reported) as reported, max(disagreement) as disagreement,
        (
            select coalesce(sum(t.transaction_amount), 0)
            from balances as b
            inner join core.fct_transactions as t
                on t.account_key = b.account_key and t.currency_code = b.currency_code
                and t.transaction_date = b.balance_date and t.loaded_at > b._loaded_at
            where
                b.is_running and b.account_key = told.account_key and b.currency_code = told.currency_code
                and b.balance_date = told.balance_date
        ) as late
    from (
        select
            account_key, party_key, currency_code, balance_date, 0::decimal(18, 4) as moved,
            balance_amount as reported, disagreement_amount as disagreement
        from balances
        union all
        select account_key, party_key, currency_code, transaction_date, transaction_amount, null, null
        from core.fct_transactions
        where (account_key, currency_code) in (
            select (account_key, currency_code) from balances
            union
            select (account_key, currency_code) from core.fct_transactions where transaction_kind = 'opening_balance'
        )
    ) as told
    group by account_key, party_key, currency_code, balance_date
),
summed as (
    select
        *,
        lead(balance_date) over w as next_date,
        sum(moved) over w as so_far,
        reported + late - sum(moved) over w as base
    from steps
    window w as (partition by account_key, party_key, currency_code order by balance_date)
),
based as (
    select
        *,
        coalesce(
            last_value(base ignore nulls) over w,
            first_value(base ignore nulls) over (w rows between current row and unbounded following),
            0
        ) as standing,
        lag(base ignore nulls) over w as former
    from summed
    window w as (partition by account_key, party_key, currency_code order by balance_date)
),
days as (
    select
        *,
        unnest(range(
            balance_date, least(coalesce(next_date, balance_date + 1), balance_date + 1096), interval 1 day
        ))::date as day
    from based
)
select
    account_key, party_key, day as balance_date,
    if(day = balance_date and reported = so_far + standing, 'reported', 'derived') as balance_source, currency_code,
    (so_far + standing - if(day = balance_date, moved + if(base is null, 0, coalesce(base - former, 0)), 0))
        ::decimal(18, 4) as opening_amount,
    if(day = balance_date, moved, 0)::decimal(18, 4) as transactions_amount,
    if(day = balance_date, base - former, null)::decimal(18, 4) as unexplained_amount,
    (so_far + standing)::decimal(18, 4) as balance_amount,
    if(day = balance_date, reported, null)::decimal(18, 4) as reported_amount,
    if(day = balance_date, disagreement, null)::decimal(18, 4) as disagreement_amount
from days;

create table household.rpt_monthly_balances as
select
    account_key, any_value(party_key) as party_key, date_trunc('month', balance_date)::date as month_date,
    max(balance_date) as balance_date, arg_max(balance_source, balance_date) as balance_source, currency_code,
    sum(transactions_amount)::decimal(18, 4) as transactions_amount,
    coalesce(sum(unexplained_amount), 0)::decimal(18, 4) as unexplained_amount,
    arg_max(balance_amount, balance_date) as balance_amount
from core.fct_account_balances_daily
group by account_key, currency_code, date_trunc('month', balance_date);

create temp table pendings as
select
    b._key, b.connection_id, c.party_key,
    coalesce(a.account_key, md5(b.connection_id || '|' || b.account_id)::uuid) as account_key,
    b.booked_date, c.source_name, b.payee_name, b.currency_code, b.transaction_amount, b.deleted,
    b._loaded_at as loaded_at
from wh.raw.bank_transactions as b
left join connections as c on b.connection_id = c.connection_id
left join accounts as a on b.connection_id = a.connection_id and b.account_id = a.account_id
where b.booking_status = 'pending';

create temp table pairs as
select
    p._key as pending_key, t.transaction_key as booked_key, p.connection_id,
    md5(p.account_key::varchar || p.currency_code || p.transaction_amount::varchar) as lot,
    row_number() over (order by t.transaction_date - p.booked_date, p.booked_date, p._key, t.transaction_key) as place
from pendings as p
inner join core.fct_transactions as t
    on p.account_key = t.account_key and p.currency_code = t.currency_code
    and p.transaction_amount = t.transaction_amount and t.transaction_date - p.booked_date between 0 and 10
where t.evidence_kind = 'bank_transaction';

-- in each lot of equal amounts the nearest pair first, then the nearest of what is left: one by one, as by hand
create table core.fct_pending_transactions as
with recursive taken as (
    select distinct
        lot, 0::bigint as place, []::varchar[] as ended, null::uuid as pending_key, null::uuid as booked_key
    from pairs
    union all
    select
        p.lot, p.place, list_concat(t.ended, [p.pending_key::varchar, p.connection_id || p.booked_key]),
        p.pending_key, p.booked_key
    from taken as t
    inner join pairs as p on t.lot = p.lot and t.place < p.place
    where not list_has_any(t.ended, [p.pending_key::varchar, p.connection_id || p.booked_key])
    qualify row_number() over (partition by p.lot order by p.place) = 1
)
select
    p._key as pending_transaction_key, p.party_key, p.account_key, t.booked_key as posted_transaction_key,
    p.booked_date as pending_date, p.source_name,
    case when t.booked_key is not null then 'posted' when p.deleted then 'dropped' else 'open' end as pending_status,
    p.payee_name, p.currency_code, p.transaction_amount, p.loaded_at
from pendings as p left join taken as t on p._key = t.pending_key;

create temp table statements as
select
    s.*, c.party_key, c.source_name,
    coalesce(a.account_key, md5(s.connection_id || '|' || s.account_id)::uuid) as account_key
from wh.raw.statements as s
left join connections as c on s.connection_id = c.connection_id
left join accounts as a on s.connection_id = a.connection_id and s.account_id = a.account_id
where not s.deleted;

create table ops.rpt_statement_continuity as
with compared as (
    select
        *,
        lag(_key) over w as previous_key,
        first_date - lag(last_date) over w - 1 as apart,
        (opening_amount + transactions_amount - closing_amount)::decimal(18, 4) as difference,
        (stated_credit_amount - stated_debit_amount - transactions_amount)::decimal(18, 4) as control,
        (opening_amount - lag(closing_amount) over w)::decimal(18, 4) as jump
    from statements
    window w as (
        partition by connection_id, account_key, currency_code
        order by
            last_date, coalesce(first_date, last_date), length(statement_number), statement_number, _key
    )
)
select
    _key as statement_key, party_key, account_key, previous_key as previous_statement_key, source_name,
    statement_number, first_date, last_date,
    case
        when difference <> 0 then 'unbalanced'
        when previous_key is null then if(difference = 0, 'first', 'unchecked')
        when jump = 0 then if(difference = 0, 'continuous', 'unchecked')
        when apart < 0 then 'overlap'
        when apart > 0 then 'gap'
        when jump is not null then 'jump'
        else 'unchecked'
    end as verdict,
    currency_code, difference = 0 as is_balanced, control = 0 as is_control_sum_met, opening_amount,
    transactions_amount, closing_amount, difference as difference_amount, stated_credit_amount, stated_debit_amount,
    control as control_difference_amount, jump as jump_amount,
    if(apart is null, null, greatest(apart, 0))::integer as gap_days,
    if(apart is null, null, greatest(-apart, 0))::integer as overlap_days,
    transactions_count, _loaded_at as loaded_at
from compared;

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
        coalesce(first(masked_number order by rank_of(source_name), connection_id), max(masked_number))
            as masked_number,
        coalesce(first(currency_code order by rank_of(source_name), connection_id), max(currency_code))
            as currency_code,
        true as is_declared, count(*) as source_count
    from accounts group by account_key
    union all
    select
        account_key, min(party_key), null, min(source_name), 'Undeclared account', 'other', null, null, null, false, 1
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
