-- What is right on each question of $task (or average: the nine), in the order of answer sheets?
select task, sample_id, cluster_id, gold, len(choices) as choices
from samples
join tasks using (task)
where task = $task or ($task = 'average' and headline)
order by task, samples.position
