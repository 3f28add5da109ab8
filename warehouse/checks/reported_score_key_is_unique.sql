-- A published entry has two scores for one task, or stands in two lanes.
select entry, task, count(*) as times, null::bigint as lanes
from reported_scores
group by entry, task
having count(*) > 1
union all
select entry, null, null, count(distinct lane)
from reported_scores
group by entry
having count(distinct lane) > 1
order by entry, task
