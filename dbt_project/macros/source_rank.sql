{#- Which source is believed where several tell of one account; the lowest number first. A bank's own interface knows
    most, then the formats by how much they say and how firmly (DECISIONS.md, 15). -#}
{% macro source_rank(column) -%}
    case {{ column }}
        when 'lean' then 1
        when 'camt' then 2
        when 'mt940' then 3
        when 'ofx' then 4
        when 'bank_csv' then 5
        when 'qif' then 6
        else 7
    end
{%- endmacro %}
