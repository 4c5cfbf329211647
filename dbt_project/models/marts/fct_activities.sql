select
    activity_id,
    account_id,
    owner_id,
    kind,
    starts_at,
    is_cancelled
from {{ ref('stg_crm__activities') }}
