-- Accounts that sales calls churned without any event of it, and the other way round: segments go by the events.
{{ config(severity='warn') }}

select accounts.account_id, accounts.is_flagged_churned
from {{ ref('dim_accounts') }} as accounts
where accounts.is_flagged_churned <> exists (
    select 1 from {{ ref('fct_churn_events') }} as events where events.account_id = accounts.account_id
)
