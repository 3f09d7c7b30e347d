{#- Which source is believed where several tell of one account; the lowest number first. A bank's own interface knows
    most, then the formats by how much they say and how firmly (DECISIONS.md, 15). -#}
{% macro source_rank(column) -%}
    case {{ column }}
        {% for name in ['lean', 'camt', 'mt940', 'ofx', 'bank_csv', 'qif'] -%}
        when '{{ name }}' then {{ loop.index }}
        {% endfor -%}
        else 7
    end
{%- endmacro %}
