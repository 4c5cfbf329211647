select
    organization_id,
    {{ cleaned('organization_name') }} as organization_name,
    kind,
    {{ country_code('country') }} as country,
    loaded_at
from {{ source('crm', 'organizations') }}
