-- Who is surest when wrong?
select
    model,
    lane,
    task,
    n,
    accuracy,
    calibration_error,
    confidence_when_wrong
from scores
join runs using (run_id)
where slice = 'all' and key_version = 'original' and confidence_when_wrong is not null
order by confidence_when_wrong desc
limit 100
