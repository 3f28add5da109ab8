-- A question's picks stand twice.
select task, sample_id, count(*) as times
from sample_picks
group by task, sample_id
having count(*) > 1
order by task, sample_id
