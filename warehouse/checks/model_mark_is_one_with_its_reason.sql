-- A model is marked twice, as neither hidden nor flagged, or without a reason.
select model, any_value(kind) as kind, any_value(why) as why, count(*) as times
from model_marks
group by model
having count(*) > 1
    or not bool_and(kind in ('hidden', 'flagged'))
    or not bool_and(trim(why) <> '')
order by model
