-- Which number has each loaded question, and how many choices?
select task, sample_id, number, len(choices) as choices
from samples
order by number
