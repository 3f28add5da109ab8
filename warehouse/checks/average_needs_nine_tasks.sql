-- An average stands beside fewer than nine complete tasks, or is not the mean of its nine scores.
select entry, model, tasks_complete, average
from leaderboard
where (average is null) <> (tasks_complete < 9 or not headline)
    or abs(
        average - (
            medqa_4options + medmcqa + pubmedqa + mmlu_anatomy + mmlu_clinical_knowledge
            + mmlu_college_biology + mmlu_college_medicine + mmlu_medical_genetics
            + mmlu_professional_medicine
        ) / 9
    ) > 1e-9
order by entry
