select
    churn_event_id,
    account_id,
    happened_on,
    reason,
    refund,
    is_reactivation
from {{ ref('stg_churn_events') }}
