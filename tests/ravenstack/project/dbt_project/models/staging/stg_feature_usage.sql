-- Nothing is dropped here: three rows in four are dated before their subscription starts, and the account did use the
-- feature. They are flagged, and a test warns of their number.
select
    usage.usage_id,
    usage.subscription_id,
    usage.usage_date as used_on,
    usage.feature_name,
    usage.usage_count,
    usage.usage_duration_secs as duration_seconds,
    usage.error_count,
    usage.is_beta_feature as is_beta,
    usage.usage_date < subscriptions.start_date as is_before_start
from {{ source('ravenstack', 'feature_usage') }} as usage
left join {{ source('ravenstack', 'subscriptions') }} as subscriptions
    on usage.subscription_id = subscriptions.subscription_id
