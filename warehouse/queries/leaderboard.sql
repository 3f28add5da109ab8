-- Which models answer best? One row per run or published entry and board, by lane, best first.
-- The board is nine, or the name of a task beside these, whose score is the accuracy.
select
    lane,
    board,
    model,
    precision,
    accuracy,
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
order by lane, average desc nulls last, model, entry, headline, board
