{#- An amount in whole minor units of its currency (ISO 4217), half away from zero; the lists are those of
    pipelines/outputs/minor_units.py, and a test compares the two. -#}
{% macro in_minor_units(amount, currency_code) -%}
    case
        when {{ currency_code }} in (
            'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF',
            'XOF', 'XPF'
        )
            then try_cast(round({{ amount }}, 0) as decimal(18, 4))
        when {{ currency_code }} in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND')
            then try_cast(round({{ amount }}, 3) as decimal(18, 4))
        when {{ currency_code }} in ('CLF', 'UYW')
            then try_cast(round({{ amount }}, 4) as decimal(18, 4))
        else try_cast(round({{ amount }}, 2) as decimal(18, 4))
    end
{%- endmacro %}
