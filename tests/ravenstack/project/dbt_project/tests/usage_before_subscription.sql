-- Usage dated before its subscription's first day: kept, since the account did use the feature.
{{ config(severity='warn') }}

select usage_id, subscription_id, used_on
from {{ ref('fct_feature_usage') }}
where is_before_start
