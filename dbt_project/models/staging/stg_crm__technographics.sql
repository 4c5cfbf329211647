select
    account_id,
    {{ cleaned_list('tools') }} as tools,
    detected_at,
    loaded_at
from {{ source('crm', 'technographics') }}
