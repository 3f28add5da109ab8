-- A passage is of no prediction, of no kind that there is, or stands nowhere in a response.
select prediction_flags.run, sample, repeat, flag, kind, words, start, end_
from prediction_flags
semi join loaded using (run)
left join predictions using (run, sample, repeat)
where predictions.run is null
    or flag <> 'contradiction'
    or kind not in ('warns', 'other')
    or trim(words) = ''
    or start < 0
    or end_ <= start
order by prediction_flags.run, sample, repeat, start
