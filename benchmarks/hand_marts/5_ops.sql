-- Whether the road is in order.

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
