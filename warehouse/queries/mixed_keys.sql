-- What is right on each question of $tasks, and of which subject is it? In the order of sheets.
select task, cluster_id, gold, subject
from samples
where list_contains($tasks, task)
order by task, position
