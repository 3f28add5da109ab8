-- How many choices does each loaded question have?
select task, sample_id, len(choices) as choices
from samples
order by task, position
