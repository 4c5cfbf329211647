-- Tickets opened before their account signed up: kept, and counted once the account exists.
{{ config(severity='warn') }}

select tickets.ticket_id, tickets.account_id, tickets.submitted_on
from {{ ref('fct_support_tickets') }} as tickets
inner join {{ ref('dim_accounts') }} as accounts on tickets.account_id = accounts.account_id
where tickets.submitted_on < accounts.signed_up_on
