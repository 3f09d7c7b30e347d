{{ config(group='ops') }}
-- Every row a load read was merged, was known already, or was set aside. A row here is a load that lost or made up
-- rows.
select *
from {{ ref('stg_load_counts') }}
where read_count <> merged_count + unchanged_count + quarantined_count
