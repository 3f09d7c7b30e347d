-- A source category becomes a category of the second level, never a group, and no two rows of the map are the same
-- once case, underscores and decoration are taken away. A row here is a rule that breaks this.
with rules as (
    select
        rule.source_name,
        coalesce({{ category_key('rule.source_group') }}, '') as group_key,
        {{ category_key('rule.source_category') }} as name_key,
        coalesce(rule.entry_kind, '') as entry_kind,
        min(category.level) as lowest_level,
        count(*) as rule_count
    from {{ ref('category_map') }} as rule
    inner join {{ ref('categories') }} as category on rule.category_id = category.category_id
    group by 1, 2, 3, 4
)

select *
from rules
where rule_count > 1 or lowest_level <> 2 or name_key = ''
