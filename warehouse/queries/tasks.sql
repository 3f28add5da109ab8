-- Which tasks are there, and where are their questions from?
select tasks.*, samples_hash <> '' as loaded
from tasks
order by position
