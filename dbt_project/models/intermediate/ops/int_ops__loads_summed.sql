with loads as (
    select * from {{ ref('stg_loads') }}
),

load_counts as (
    select * from {{ ref('stg_load_counts') }}
),

counts as (
    select
        loads.connection_id,
        sum(load_counts.read_count) as read_count,
        sum(load_counts.merged_count) as merged_count,
        sum(load_counts.unchanged_count) as unchanged_count,
        sum(load_counts.quarantined_count) as quarantined_count,
        sum(load_counts.deleted_count) as deleted_count
    from load_counts
    inner join loads on load_counts.load_id = loads.load_id
    group by loads.connection_id
),

summed as (
    select
        connection_id,
        count(*) as load_count,
        max(load_seq) as last_load_seq,
        max(merged_at) as last_success_at
    from loads
    group by connection_id
)

select
    summed.connection_id,
    summed.load_count,
    coalesce(counts.read_count, 0) as read_count,
    coalesce(counts.merged_count, 0) as merged_count,
    coalesce(counts.unchanged_count, 0) as unchanged_count,
    coalesce(counts.quarantined_count, 0) as quarantined_count,
    coalesce(counts.deleted_count, 0) as deleted_count,
    -- what the brake holds back stands until a later load settles it, so only the newest load counts
    newest.held_back_count,
    summed.last_success_at
from summed
inner join loads as newest on summed.last_load_seq = newest.load_seq
left join counts on summed.connection_id = counts.connection_id
