select
    activity_id,
    account_id,
    owner_id,
    kind,
    starts_at,
    is_cancelled,
    loaded_at
from {{ source('crm', 'activities') }}
