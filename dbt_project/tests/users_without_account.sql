-- Users who belong to no account: legitimate, and in no segment that asks for one.
{{ config(severity='warn') }}

select user_id
from {{ ref('dim_users') }}
where account_id is null and not is_internal
