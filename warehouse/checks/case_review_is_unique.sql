-- Someone has two reviews that count of one case.
select case_number, reviewer, count(*) as times
from case_reviews
group by case_number, reviewer
having count(*) > 1
order by case_number, reviewer
