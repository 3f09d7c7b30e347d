{#- Incremental by changed party and month.

    int_core__party_months_changed names the months to redo. It is asked for by name and not by ref: the models
    that use it are in several groups, it is private to one, and all of them stand behind fct_transactions, which
    does ref it. -#}

{% macro party_months_changed() -%}
    {{ return(api.Relation.create(
        database=target.database, schema='intermediate', identifier='int_core__party_months_changed'
    )) }}
{%- endmacro %}

{#- What the last finished build stood on: connection_id, party_key, source_name, accounts_mark, load_seq. Empty when
    there was none, or when everything is built anew. Asked for by name because it is written last (a ref would be a
    circle). -#}
{% macro connections_as_built() -%}
    {%- set built = load_relation(api.Relation.create(
        database=target.database, schema='intermediate', identifier='int_core__connections_built'
    )) if execute else none -%}
    {%- if built is not none and not flags.FULL_REFRESH -%}
        select connection_id, party_key, source_name, accounts_mark, load_seq from {{ built }}
    {%- else -%}
        select
            cast(null as varchar) as connection_id,
            cast(null as uuid) as party_key,
            cast(null as varchar) as source_name,
            cast(null as varchar) as accounts_mark,
            cast(null as bigint) as load_seq
        where false
    {%- endif -%}
{%- endmacro %}

{#- The filter of an incremental model: only rows of the months to redo. `owner` is connection_id or party_key.
    `in` and not `exists`: DuckDB plans the first as one semi join, the second through a copy of the whole table. -#}
{% macro where_changed(owner) -%}
    {%- if is_incremental() -%}
        where ({{ owner }}, month_date) in (
            select changed.{{ owner }}, changed.month_date from {{ party_months_changed() }} as changed
        )
    {%- endif -%}
{%- endmacro %}

{#- Strategy `party_months`: take the months to redo out, put the newly computed rows in; a month that became
    empty loses its rows. Runs inside dbt's transaction. -#}
{% macro get_incremental_party_months_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }}
    where (party_key, month_date) in (
        select changed.party_key, changed.month_date from {{ party_months_changed() }} as changed
    );
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
    drop table if exists {{ arg_dict['temp_relation'] }};
{%- endmacro %}

{#- Whether a way of naming a category is in int_core__categories_mapped already; nothing is, when built anew. -#}
{% macro already_mapped(relation) -%}
    {%- if is_incremental() -%}
        select 1 from {{ this }} as known
        where known.source_name = {{ relation }}.source_name
        and known.transaction_kind = {{ relation }}.transaction_kind
        and known.category_group = {{ relation }}.category_group
        and known.category_name = {{ relation }}.category_name
    {%- else -%}
        select 1 where false
    {%- endif -%}
{%- endmacro %}
