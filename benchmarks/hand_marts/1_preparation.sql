-- Every mart of dbt_project written by hand: what a careful person would type for one full build in one session. The
-- files of this folder run in the order of their names as one script. They read wh.raw and the two seed files (folder in
-- the variable `seeds`) and write the schemas of the present database.
-- Here: what all marts stand on, in temporary tables.

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
    a.account_name, a.account_kind, a.institution_name, a.account_group, a.masked_number, a.number_key,
    a.currency_code
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
    coalesce(counterparty_name, payee_name) as payee_name, currency_code, entry_amount as transaction_amount,
    entry_date as transaction_date, excluded_from, _loaded_at as loaded_at
from wh.raw.ledger_entries where not deleted
union all
select
    _key, connection_id, account_id, 'bank_transaction',
    case when transaction_amount > 0 then 'income' else 'expense' end, '', '', payee_name, currency_code,
    transaction_amount, booked_date, null, _loaded_at
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
    union
    select c.source_name, 'expense', coalesce(b.category_group, ''), b.category_name
    from wh.raw.budgets as b inner join connections as c on b.connection_id = c.connection_id
    where not b.deleted
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
            when 'debt_payment' then 'debt_repayment' when 'adjustment' then 'balance_adjustment'
            else 'uncategorised' end) as category_id),
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
        when transaction_kind in ('transfer', 'opening_balance', 'adjustment') then 'none'
        when transaction_kind = 'debt_payment' then 'debt'
        when category_id = 'uncategorised' then transaction_kind
        when category_kind = 'transfer' then 'none'
        else category_kind
    end as flow_type
from chosen inner join categories using (category_id);
