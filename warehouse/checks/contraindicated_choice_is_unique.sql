-- A rule marks a choice twice.
select sample, letter, rule, count(*) as times
from contraindicated_choices
group by sample, letter, rule
having count(*) > 1
order by sample, letter, rule
