-- A submitter is not named by the number of a submission: a name could be an address.
select number, submitter
from submissions
where not regexp_full_match(submitter, 'submitter-[0-9]+')
order by number
