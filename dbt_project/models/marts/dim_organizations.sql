select
    organization_id,
    organization_name,
    kind,
    country
from {{ ref('stg_crm__organizations') }}
