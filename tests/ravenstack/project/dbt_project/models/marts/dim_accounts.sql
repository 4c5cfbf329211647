select
    account_id,
    account_name,
    industry,
    country,
    signed_up_on,
    referral_source,
    first_plan,
    first_seats,
    began_with_trial,
    is_flagged_churned
from {{ ref('stg_accounts') }}
