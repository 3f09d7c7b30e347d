with categories as (
    select * from {{ ref('categories') }}
)

select
    category.category_id,
    coalesce(category.parent_id, category.category_id) as group_id,
    category.level as category_level,
    category.category_kind,
    category.necessity,
    category.coicop_2018_division,
    category.plaid_pfc as plaid_pfc_code,
    category.name_en as category_name_en,
    category.name_bn as category_name_bn,
    category.name_ar as category_name_ar,
    coalesce(parent.name_en, category.name_en) as group_name_en,
    coalesce(parent.name_bn, category.name_bn) as group_name_bn,
    coalesce(parent.name_ar, category.name_ar) as group_name_ar
from categories as category
left join categories as parent
    on category.parent_id = parent.category_id
