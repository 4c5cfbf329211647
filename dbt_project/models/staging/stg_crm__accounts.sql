-- An account is exported again when it changes: the latest export counts.
with exports as (
    select
        *,
        row_number() over (partition by account_id order by updated_at desc, lifecycle_stage) as recency
    from {{ source('crm', 'accounts') }}
)

select
    account_id,
    {{ cleaned('account_name') }} as account_name,
    organization_id,
    owner_id,
    website,
    {{ country_code('country') }} as country,
    {{ cleaned('city') }} as city,
    lower(trim(lifecycle_stage)) as lifecycle_stage,
    renewal_date,
    {{ cleaned_list('tags') }} as tags,
    -- nobody set the flag on some demonstrations, but they are named so
    coalesce(is_test, false) or account_name like 'TEST %' or account_name like 'Acme (%' as is_test,
    created_at,
    updated_at,
    deleted_at,
    loaded_at
from exports
where recency = 1
