select
    account_id,
    account_name,
    industry,
    case country when 'UK' then 'GB' else country end as country,
    signup_date as signed_up_on,
    referral_source,
    plan_tier as first_plan,
    seats as first_seats,
    is_trial as began_with_trial,
    churn_flag as is_flagged_churned
from {{ source('ravenstack', 'accounts') }}
