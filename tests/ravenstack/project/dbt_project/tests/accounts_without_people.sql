-- Accounts whose people nobody knows: no table of the source has a column that names a person, so no segment of users
-- can be made. It falls silent when such a table is loaded.
{{ config(severity='warn') }}

select accounts.account_id
from {{ ref('dim_accounts') }} as accounts
where not exists (
    select 1
    from information_schema.columns
    where table_schema = 'raw' and column_name in ('user_id', 'person_id', 'contact_id', 'email')
)
