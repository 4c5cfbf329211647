select
    subscription_id,
    account_id,
    started_on,
    ended_on,
    plan,
    seats,
    arr,
    is_trial,
    billing_frequency,
    renews_by_itself
from {{ ref('stg_subscriptions') }}
