-- Usage dated after its subscription's last day: kept, for the same reason.
{{ config(severity='warn') }}

select usage.usage_id, usage.subscription_id, usage.used_on
from {{ ref('fct_feature_usage') }} as usage
inner join {{ ref('dim_subscriptions') }} as subscriptions on usage.subscription_id = subscriptions.subscription_id
where usage.used_on > subscriptions.ended_on
