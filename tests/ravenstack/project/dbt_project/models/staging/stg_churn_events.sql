select
    churn_event_id,
    account_id,
    churn_date as happened_on,
    reason_code as reason,
    refund_amount_usd as refund,
    is_reactivation
from {{ source('ravenstack', 'churn_events') }}
