-- A question stands twice in its task: it would have two golds.
select task, sample_id, count(*) as times, list(gold order by gold) as golds
from samples
group by task, sample_id
having count(*) > 1
order by task, sample_id
