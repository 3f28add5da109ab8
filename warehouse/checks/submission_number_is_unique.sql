-- Two submissions have one number.
select number, count(*) as times
from submissions
group by number
having count(*) > 1
order by number
