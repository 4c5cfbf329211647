select
    usage_id,
    subscription_id,
    used_on,
    feature_name,
    usage_count,
    duration_seconds,
    error_count,
    is_beta,
    is_before_start
from {{ ref('stg_feature_usage') }}
