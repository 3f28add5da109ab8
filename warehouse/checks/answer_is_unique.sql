-- How an answer was given is said twice.
select answers.run, sample, repeat, count(*) as times
from answers
semi join loaded using (run)
group by answers.run, sample, repeat
having count(*) > 1
order by answers.run, sample, repeat
