select
    owner_id,
    lower(email) as email,
    team,
    region,
    loaded_at
from {{ source('crm', 'owners') }}
