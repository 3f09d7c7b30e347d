{#- Incremental by changed party: for models whose rows hang on everything the party's accounts hold, not on a month.
    int_core__changes_since_built is asked for by name, as the list of months is (see party_months.sql). -#}

{#- Parties whose accounts hold other transactions or balances than at the last finished build, as a query. -#}
{% macro parties_changed() -%}
    {%- set changes = api.Relation.create(
        database=target.database, schema='intermediate', identifier='int_core__changes_since_built'
    ) -%}
    select changed.party_key from {{ changes }} as changed
    where changed.record_kind in ('accounts', 'balances', 'bank_transactions', 'ledger_entries')
{%- endmacro %}

{#- The filter of an incremental model: only rows of the parties to redo. -#}
{% macro where_party_changed() -%}
    {%- if is_incremental() -%}
        where party_key in ({{ parties_changed() }})
    {%- endif -%}
{%- endmacro %}

{#- Strategy `parties`: take the parties to redo out, put the newly computed rows in. Runs inside dbt's transaction. -#}
{% macro get_incremental_parties_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }} where party_key in ({{ parties_changed() }});
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
    drop table if exists {{ arg_dict['temp_relation'] }};
{%- endmacro %}

{#- Days that a balance is listed after the last one on which something is known, at most: three years. A single date
    of 1900 or 2099 in a file costs an account so many rows, not a century of them. -#}
{% macro most_quiet_days() -%}
    {{ return('1095') }}
{%- endmacro %}
