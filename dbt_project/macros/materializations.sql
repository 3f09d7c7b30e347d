{#- How tables and views are replaced: in place, in one transaction. dbt's own way makes the new one under another name,
    renames twice and drops the old one afterwards, for databases whose readers must never see it gone. Nobody reads the
    working file while it is built, DuckDB takes back a transaction that fails, and an idle build is mostly this. -#}

{% materialization view, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ drop_what_is_no('view') }}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        create or replace view {{ target_relation }} as ({{ sql }})
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ drop_what_is_no('table') }}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        drop table if exists {{ target_relation }};
        {{ create_table_as(false, target_relation, compiled_code) }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- A view in the place of a table, or the other way round, goes first. -#}
{% macro drop_what_is_no(type) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.type != type -%}
        {% do adapter.drop_relation(existing) %}
    {%- endif -%}
{%- endmacro %}

{#- Comments on columns without asking the engine first which there are: a contract says so. -#}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {%- for name, column in column_dict.items() %}
        comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column['description']) }};
    {%- endfor %}
{% endmacro %}
