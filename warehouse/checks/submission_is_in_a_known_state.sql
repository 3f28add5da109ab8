-- A submission is in no state that there is, or in one that asks for a commit or a run it lacks.
select number, state, weights, revision, run_id
from submissions
where state not in (
    'submitted', 'checking', 'rejected', 'pending', 'running', 'ingesting', 'finished', 'failed',
    'cancelled', 'superseded'
)
    or weights not in ('original', 'adapter', 'delta')
    or (state in ('pending', 'running', 'ingesting', 'finished') and revision is null)
    or (state in ('ingesting', 'finished') and run_id is null)
order by number
