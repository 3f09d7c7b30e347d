{{ config(group='core') }}
-- The report's jump is the difference to the closing balance of the statement it names as the one before, and a
-- statement is named as that by one other at most. A row here is a statement for which the report says otherwise.
with statements as (
    select * from {{ ref('rpt_statement_continuity') }}
),

followed as (
    select
        previous_statement_key,
        count(*) as follower_count
    from statements
    where previous_statement_key is not null
    group by previous_statement_key
)

select
    statements.statement_key,
    statements.opening_amount,
    former.closing_amount as former_closing_amount,
    statements.jump_amount
from statements
left join statements as former on statements.previous_statement_key = former.statement_key
left join followed on statements.statement_key = followed.previous_statement_key
where
    statements.jump_amount is distinct from (statements.opening_amount - former.closing_amount)
    or former.last_date > statements.last_date
    or followed.follower_count > 1
