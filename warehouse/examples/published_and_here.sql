-- How do published scores compare with those made here? Lanes differ, so they need not agree.
select
    reported_scores.model as published_name,
    runs.model as model_here,
    task,
    reported_scores.accuracy as published,
    scores.accuracy as here,
    scores.n as answers_here,
    runs.lane as lane_here,
    reported_scores.source_url
from reported_scores
join scores using (task)
join runs using (run_id)
where slice = 'all'
    and key_version = 'original'
    and lower(string_split(runs.model, '/')[-1]) = lower(string_split(reported_scores.model, '/')[-1])
order by published_name, task
