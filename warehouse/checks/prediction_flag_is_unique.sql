-- A passage stands twice.
select prediction_flags.run, sample, repeat, flag, kind, start, end_, count(*) as times
from prediction_flags
semi join loaded using (run)
group by prediction_flags.run, sample, repeat, flag, kind, start, end_
having count(*) > 1
order by prediction_flags.run, sample, repeat, flag, kind, start, end_
