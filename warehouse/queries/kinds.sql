-- Of what kinds are the questions, of which a reader makes a case mix? One row per kind.
-- A task with several subjects is as many kinds, another is one. A kind of which all questions are
-- on one case is left out: nothing tells how much chance is in its score.
with subjects as (
    select task, count(distinct subject) > 1 as has_several
    from samples
    group by task
)

select
    task,
    case when has_several then subject end as subject,
    any_value(title) as title,
    any_value(benchmark) as benchmark,
    any_value(headline) as headline,
    count(*) as n
from samples
join tasks using (task)
join subjects using (task)
where not has_several or subject is not null
group by task, tasks.position, case when has_several then subject end
having count(distinct cluster_id) > 1
order by tasks.position, n desc, subject
