-- What staging found in the raw rows, and what it did about it: one row per raw row and finding.
with unknown_users as (
    select
        events.event_id,
        case when events.user_id is null then 'no user' else 'unknown user' end as finding,
        events.loaded_at
    from {{ ref('stg_product__events') }} as events
    left join {{ ref('stg_product__users') }} as users on events.user_id = users.user_id
    where users.user_id is null
),

unknown_accounts as (
    select users.user_id, users.loaded_at
    from {{ ref('stg_product__users') }} as users
    left join {{ ref('stg_crm__accounts') }} as accounts on users.account_id = accounts.account_id
    where users.account_id is not null and accounts.account_id is null
),

older_accounts as (
    select account_id, updated_at, loaded_at,
        row_number() over (partition by account_id order by updated_at desc, lifecycle_stage) as recency
    from {{ source('crm', 'accounts') }}
),

older_invoices as (
    select invoice_id, loaded_at,
        row_number() over (partition by invoice_id order by loaded_at desc, status) as recency
    from {{ source('billing', 'invoices') }}
)

select 'product.events' as source_table, event_id as row_id, unusable_because as finding, 'dropped' as handling, loaded_at
from {{ ref('stg_product__events_judged') }}
where unusable_because is not null
union all
select 'product.events', event_id, 'late', 'kept', loaded_at
from {{ ref('stg_product__events') }}
where is_late
union all
select 'product.events', event_id, finding, 'kept', loaded_at
from unknown_users
union all
select 'product.users', user_id, 'unknown account', 'kept', loaded_at
from unknown_accounts
union all
select 'crm.accounts', account_id, 'older export', 'dropped', loaded_at
from older_accounts
where recency > 1
union all
select 'crm.contacts', contacts.contact_id, 'entered twice', 'dropped', contacts.loaded_at
from {{ source('crm', 'contacts') }} as contacts
left join {{ ref('stg_crm__contacts') }} as kept on contacts.contact_id = kept.contact_id
where kept.contact_id is null
union all
select 'crm.firmographics', firmographics.account_id, 'unknown account', 'dropped', firmographics.loaded_at
from {{ source('crm', 'firmographics') }} as firmographics
left join {{ ref('stg_crm__accounts') }} as accounts on firmographics.account_id = accounts.account_id
where accounts.account_id is null
union all
select 'crm.firmographics', account_id, 'no employees', 'value removed', loaded_at
from {{ source('crm', 'firmographics') }}
where employee_count <= 0
union all
select 'billing.invoices', invoice_id, 'older export', 'dropped', loaded_at
from older_invoices
where recency > 1
union all
select 'surveys.responses', response_id, 'score off the scale', 'value removed', loaded_at
from {{ source('surveys', 'responses') }}
where nps not between 0 and 10
