-- Which models answer best? One row per run and published entry, by lane, best first.
select
    lane,
    model,
    precision,
    average,
    average_low,
    average_high,
    tasks_complete,
    medqa_4options,
    medmcqa,
    pubmedqa,
    mmlu_anatomy,
    mmlu_clinical_knowledge,
    mmlu_college_biology,
    mmlu_college_medicine,
    mmlu_medical_genetics,
    mmlu_professional_medicine,
    sample,
    origin,
    entry
from leaderboard
order by lane, average desc nulls last, model, entry, headline
