-- How often is each letter the key of each task?
select task, gold, count(*) as n
from samples
group by task, gold
order by task, gold
