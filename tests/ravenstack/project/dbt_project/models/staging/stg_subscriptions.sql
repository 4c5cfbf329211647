select
    subscription_id,
    account_id,
    start_date as started_on,
    end_date as ended_on,
    plan_tier as plan,
    seats,
    arr_amount as arr,
    is_trial,
    billing_frequency,
    auto_renew_flag as renews_by_itself
from {{ source('ravenstack', 'subscriptions') }}
