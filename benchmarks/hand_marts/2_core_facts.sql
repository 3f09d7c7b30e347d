-- The facts: transactions, balances day by day, what is pending.

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
    if(e.excluded_from = 'reports', 'none', m.flow_type) as flow_type,
    e.excluded_from,
    m.source_category,
    e.payee_name,
    e.currency_code,
    m.flow_type = 'none' and e.transaction_kind not in ('opening_balance', 'adjustment') as is_transfer,
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
