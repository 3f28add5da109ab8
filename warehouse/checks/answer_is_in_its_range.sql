-- A number of tokens, a cost, or why an answer ends is none that can be.
select answers.run, sample, repeat, written_tokens, cost, finish
from answers
semi join loaded using (run)
where written_tokens < 0
    or cost < 0
    or not isfinite(cost)
    or finish not in ('end', 'stop string', 'limit', 'filter')
order by answers.run, sample, repeat
