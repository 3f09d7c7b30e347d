{#- How a category's words are compared: Unicode NFC, lower case, underscores as spaces, and no decoration before
    the first or after the last letter or digit (people put emoji there). Used on distinct names only. -#}
{% macro category_key(column) -%}
    lower(regexp_replace(regexp_replace(
        replace(nfc_normalize({{ column }}), '_', ' '), '^[^\p{L}\p{N}]+', ''
    ), '[^\p{L}\p{M}\p{N})]+$', ''))
{%- endmacro %}
