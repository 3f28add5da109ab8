-- Which number has each loaded question, how many choices, and which key?
select task, sample_id, number, len(choices) as choices, gold
from samples
order by number
