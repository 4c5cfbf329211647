select
    subscription_id,
    account_id,
    product,
    plan,
    billing_period,
    seats,
    arr,
    started_on,
    ended_on,
    cancelled_at
from {{ ref('stg_billing__subscriptions') }}
