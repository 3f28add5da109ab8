-- The warehouse. Portable between DuckDB files and DuckLake: no keys, checks, enums or sequences.
-- Uniqueness, domains and references are the rules in checks/. Changing this file, or another of
-- db.MAKERS, changes the schema version, and ingest then rebuilds the warehouse from the run folders.

create table snapshots (
    snapshot bigint not null,
    schema_version varchar not null,
    published_at timestamp not null,
    reason varchar not null
);
comment on table snapshots is 'One row per published state of the warehouse, this one included.';
comment on column snapshots.snapshot is 'Counts up from 1; the number in the file name.';
comment on column snapshots.schema_version is 'Hash of the table definitions and derivations that made it.';
comment on column snapshots.published_at is 'UTC.';
comment on column snapshots.reason is 'The command that published it.';

create table tasks (
    task varchar not null,
    position integer not null,
    title varchar not null,
    short varchar not null,
    benchmark varchar not null,
    dataset varchar not null,
    revision varchar not null,
    split varchar not null,
    size integer not null,
    licence varchar not null,
    language varchar not null,
    headline boolean not null,
    samples_hash varchar not null,
    safety_rules varchar not null,
    contraindications varchar not null,
    contradictions varchar not null
);
comment on table tasks is 'One row per task, questions loaded or not.';
comment on column tasks.task is 'Name of the task, such as mmlu_anatomy.';
comment on column tasks.position is 'Order of the columns in a table of tasks.';
comment on column tasks.title is 'What people call it.';
comment on column tasks.short is 'What heads its column in a wide table.';
comment on column tasks.benchmark is 'The family it is from.';
comment on column tasks.dataset is 'Hub dataset repository, embedded, or own for questions that somebody added here.';
comment on column tasks.revision is 'Commit of that repository, or sha256: of a file that is not from there.';
comment on column tasks.split is 'Part of the data set that is asked.';
comment on column tasks.size is 'Number of questions that a complete run answers.';
comment on column tasks.licence is 'Licence of the questions.';
comment on column tasks.language is 'Of the questions, as BCP 47 has it; the rules that find safety contexts are English.';
comment on column tasks.headline is 'Whether it is one of the nine tasks of the average.';
comment on column tasks.samples_hash is 'Hash of the loaded questions and keys; empty while they are not loaded.';
comment on column tasks.safety_rules is 'Hash of the rules that find the safety contexts of questions; other rules remake the warehouse.';
comment on column tasks.contraindications is 'Hash of the rules that find contraindicated choices; other rules remake the warehouse.';
comment on column tasks.contradictions is 'Hash of the rules that find responses that contradict their own answer; other rules remake the warehouse.';

create table samples (
    number integer not null,
    task varchar not null,
    sample_id varchar not null,
    position integer not null,
    question varchar not null,
    context varchar,
    choices varchar[] not null,
    gold varchar not null,
    subject varchar,
    topic varchar,
    explanation varchar,
    reference varchar,
    safety_tags varchar[] not null,
    safety_evidence struct(tag varchar, words varchar, place varchar)[] not null,
    content_hash varchar not null,
    cluster_id varchar not null
);
comment on table samples is 'One row per question.';
comment on column samples.number is 'What predictions refer to: the task''s position × 100,000 + the question''s.';
comment on column samples.task is 'The task it belongs to.';
comment on column samples.sample_id is 'Id in the source, unique within the task.';
comment on column samples.position is 'Order in the source, from 0.';
comment on column samples.question is 'The stem, as the source has it.';
comment on column samples.context is 'What is read before the question, such as an abstract.';
comment on column samples.choices is 'The choices in order; the first is A.';
comment on column samples.gold is 'Letter of the correct choice.';
comment on column samples.subject is 'Specialty, where the source names one.';
comment on column samples.topic is 'Narrower than the subject, where the source names one.';
comment on column samples.explanation is 'Why the gold choice is right, in the words of the source.';
comment on column samples.reference is 'Guideline or drug label that the question rests on.';
comment on column samples.safety_tags is 'Situations in which a wrong answer is likelier to harm.';
comment on column samples.safety_evidence is 'The words behind each safety tag, and whether they stand in the question, the abstract or a choice; null where a person set the tag.';
comment on column samples.content_hash is 'Equal for exact duplicates, across tasks too.';
comment on column samples.cluster_id is 'Shared by questions that ask about the same case, across tasks too: the first task/sample_id of them; its own where it is alone.';

create table contraindicated_choices (
    sample integer not null,
    letter varchar not null,
    rule varchar not null,
    words varchar not null,
    context varchar,
    context_words varchar[] not null,
    why varchar not null,
    source varchar not null,
    strength varchar not null
);
comment on table contraindicated_choices is 'One row per wrong choice and rule that forbids it to the patient of its question, made when the question is loaded.';
comment on column contraindicated_choices.sample is 'The number of the question.';
comment on column contraindicated_choices.letter is 'Letter of the choice, never the gold one: a rule that forbids that does not apply to the question.';
comment on column contraindicated_choices.rule is 'Id of the rule.';
comment on column contraindicated_choices.words is 'What it forbids, in the words of the choice.';
comment on column contraindicated_choices.context is 'The safety context that the rule asks for; null where the patient''s words alone do.';
comment on column contraindicated_choices.context_words is 'Who is at risk, in words of the stem.';
comment on column contraindicated_choices.why is 'What harm, to whom.';
comment on column contraindicated_choices.source is 'The label or guideline, with section and year.';
comment on column contraindicated_choices.strength is 'contraindicated, where the source says so itself; else avoid: it advises against it.';

create table models (
    model varchar not null,
    revision varchar not null,
    type varchar not null,
    parameters bigint,
    architecture varchar,
    licence varchar,
    released_at timestamp,
    trained_on varchar[] not null,
    weights varchar not null default 'original',
    base varchar,
    base_revision varchar
);
comment on table models is 'One row per model and revision that has a run.';
comment on column models.model is 'Hub id, embedded name, or what an import calls it.';
comment on column models.revision is 'Commit, sha256: of local weights, seed-… of random ones, date:… where of a model behind a server only the day is known on which it was asked, or unknown.';
comment on column models.type is 'open weights, closed, baseline, random weights, or unknown.';
comment on column models.parameters is 'Number of weights.';
comment on column models.architecture is 'Class that transformers loaded.';
comment on column models.licence is 'Licence as the Hub states it.';
comment on column models.released_at is 'When its repository was made on the Hub, UTC; null where it is not from there.';
comment on column models.trained_on is 'Data sets that its card says it was trained on, as the card names them.';
comment on column models.weights is 'original (a whole model), or adapter or delta: what was added to a base.';
comment on column models.base is 'The model that an adapter or a delta was added to; null for original weights.';
comment on column models.base_revision is 'Which weights of the base, as revision says it of the model.';

create table runs (
    number integer not null,
    run_id varchar not null,
    model varchar not null,
    revision varchar not null,
    precision varchar,
    lane varchar not null,
    origin varchar not null,
    started_at timestamp not null,
    finished_at timestamp not null,
    seconds double,
    command varchar not null,
    versions json not null,
    hardware json not null,
    supersedes varchar,
    suspect varchar,
    record_hash varchar not null
);
comment on table runs is 'One row per run: a model, revision, precision and protocol over tasks.';
comment on column runs.number is 'What predictions refer to; counts up in the order of loading.';
comment on column runs.run_id is 'Name of its run folder.';
comment on column runs.model is 'Who answered.';
comment on column runs.revision is 'Which weights.';
comment on column runs.precision is 'float32, bfloat16, float16; null where none applies or nobody knows.';
comment on column runs.lane is 'Slug of the protocol; only scores of one lane compare.';
comment on column runs.origin is 'evaluated by this project, or imported.';
comment on column runs.started_at is 'UTC.';
comment on column runs.finished_at is 'UTC.';
comment on column runs.seconds is 'Spent asking; of a server, which answers many at once, the sum over its answers; null for imported answers.';
comment on column runs.command is 'What to type to make the run again.';
comment on column runs.versions is 'Libraries that decide the numbers.';
comment on column runs.hardware is 'Machine and device.';
comment on column runs.supersedes is 'The run of the same plan that this one replaces.';
comment on column runs.suspect is 'Why its answers are to be doubted as a whole; null where nothing speaks against them.';
comment on column runs.record_hash is 'Hash of run.json, to see that a run folder has not changed.';

create table run_tasks (
    run_id varchar not null,
    task varchar not null,
    revision varchar not null,
    samples_hash varchar not null,
    prompts_hash varchar,
    predictions integer not null,
    expected integer not null,
    source varchar,
    source_hash varchar,
    reading varchar
);
comment on table run_tasks is 'One row per run and task: what was asked, and how much was answered.';
comment on column run_tasks.run_id is 'The run.';
comment on column run_tasks.task is 'The task.';
comment on column run_tasks.revision is 'Of the data set.';
comment on column run_tasks.samples_hash is 'Hash of the questions and keys that were asked.';
comment on column run_tasks.prompts_hash is 'Hash of every rendered prompt; null where an import does not show them all.';
comment on column run_tasks.predictions is 'Questions that have a prediction; some may have several.';
comment on column run_tasks.expected is 'Number of questions; fewer predictions make the run partial.';
comment on column run_tasks.source is 'The imported file.';
comment on column run_tasks.source_hash is 'SHA-256 of the imported file.';
comment on column run_tasks.reading is 'Which of several readings of that file it is, such as a filter.';

create table predictions (
    run integer not null,
    sample integer not null,
    repeat smallint not null,
    prediction varchar,
    confidence float,
    logprobs float[]
);
comment on table predictions is 'One row per run, question and repeat, a run after the other; numbers stand for names, which makes it smaller and ten times faster to ask. The view graded has the names.';
comment on column predictions.run is 'The number of the run.';
comment on column predictions.sample is 'The number of the question.';
comment on column predictions.repeat is '0, unless the protocol asks the same question several times.';
comment on column predictions.prediction is 'Letter that the model settled on; null when unreadable, which counts as wrong.';
comment on column predictions.confidence is 'Probability of the likeliest choice among the choices; null without log-probabilities.';
comment on column predictions.logprobs is 'Natural logarithm of the probability of each choice, in order.';

create table answers (
    run integer not null,
    sample integer not null,
    repeat smallint not null,
    tokens integer,
    written_tokens integer,
    seconds double,
    cost double,
    finish varchar,
    thought boolean not null,
    logprobs_before float[],
    logprobs_after float[]
);
comment on table answers is 'One row per prediction of tasks that a run answered in words, or several times: how the answer was given.';
comment on column answers.run is 'The number of the run.';
comment on column answers.sample is 'The number of the question.';
comment on column answers.repeat is '0, unless the protocol asks the same question several times.';
comment on column answers.tokens is 'Of the prompt; where choices were scored, with the longest of them.';
comment on column answers.written_tokens is 'That the model wrote, its thoughts included.';
comment on column answers.seconds is 'Spent on this answer.';
comment on column answers.cost is 'US dollars, by the price that the run was told.';
comment on column answers.finish is 'Why the response ends: end, stop string, limit (it was cut off), or filter (the provider withheld it).';
comment on column answers.thought is 'Whether the model wrote thoughts before its response.';
comment on column answers.logprobs_before is 'Natural logarithm of the probability of each choice, in order, asked without a rationale.';
comment on column answers.logprobs_after is 'The same right after the model''s rationale.';

create table prediction_flags (
    run integer not null,
    sample integer not null,
    repeat smallint not null,
    flag varchar not null,
    kind varchar not null,
    words varchar not null,
    start integer not null,
    end_ integer not null
);
comment on table prediction_flags is 'One row per passage of a response that says otherwise than its prediction, made when the run is loaded. What other flags rest on is in the views flagged_answers and flags.';
comment on column prediction_flags.run is 'The number of the run.';
comment on column prediction_flags.sample is 'The number of the question.';
comment on column prediction_flags.repeat is '0, unless the protocol asks the same question several times.';
comment on column prediction_flags.flag is 'contradiction.';
comment on column prediction_flags.kind is 'warns: the text calls the very choice that it picks unsafe; other: it names another choice as its answer.';
comment on column prediction_flags.words is 'The passage.';
comment on column prediction_flags.start is 'Where in the response it begins, in characters from 0.';
comment on column prediction_flags.end_ is 'Where it ends: the first character after it.';

create table answer_sheets (
    run_id varchar not null,
    task varchar not null,
    picks varchar not null,
    shares double[]
);
comment on table answer_sheets is 'One row per run and task: its picks as a string, made at ingest. What compares many runs reads these.';
comment on column answer_sheets.run_id is 'The run.';
comment on column answer_sheets.task is 'The task.';
comment on column answer_sheets.picks is 'A character a question, in the order of the source: the letter picked, - where unreadable, a blank where not answered. Of repeated answers the first.';
comment on column answer_sheets.shares is 'For each question the share of its answers that are right, 0 where not answered; null where each was asked once, and picks tell.';

create table scores (
    run_id varchar not null,
    task varchar not null,
    slice varchar not null,
    slice_value varchar not null,
    key_version varchar not null,
    n bigint not null,
    correct bigint not null,
    unreadable bigint not null,
    accuracy double not null,
    stderr double,
    interval_low double not null,
    interval_high double not null,
    pointwise double not null,
    unreadable_share double not null,
    calibration_error double,
    confidence_when_wrong double,
    distinct_n double not null,
    distinct_accuracy double not null,
    confident_wrong bigint,
    contraindicated bigint not null,
    repeats bigint not null default 1,
    always_right double,
    agreement double
);
comment on table scores is 'One row per run, task, slice of its questions and version of the keys, made at ingest.';
comment on column scores.run_id is 'The run.';
comment on column scores.task is 'The task.';
comment on column scores.slice is 'all, subject or safety.';
comment on column scores.slice_value is 'The subject or safety context; all for the whole task.';
comment on column scores.key_version is 'Which keys it was scored by: original, as the source has them; reviewed, with the letters of upheld rulings, without questions that have no right choice; undisputed, without questions of which a dispute is open or upheld. Slices without such a question have only the original; scores_by_key completes them.';
comment on column scores.n is 'Questions answered in the slice.';
comment on column scores.correct is 'Of these, how many rightly; where some were asked several times, the sum of the shares of their repeats that are right, rounded. So is unreadable.';
comment on column scores.unreadable is 'Of these, how many without a readable answer (counted as wrong).';
comment on column scores.accuracy is 'Mean over the questions of the share of its repeats that are right, from 0 to 1; correct ÷ n where each was asked once.';
comment on column scores.stderr is 'Sample standard deviation of these shares ÷ √n; null for n = 1.';
comment on column scores.interval_low is 'Lower end of the 95% Wilson interval of the accuracy, with the effective number of questions: accuracy × (1 - accuracy) ÷ stderr² + 1, which is n where each was asked once.';
comment on column scores.interval_high is 'Upper end.';
comment on column scores.pointwise is 'MedMCQA''s exam score: 1 for a right answer, -0.25 for a wrong one, ÷ n; unreadable is wrong.';
comment on column scores.unreadable_share is 'unreadable ÷ n.';
comment on column scores.calibration_error is 'Expected calibration error of the predicted choice''s probability, 10 bins of equal width; null without log-probabilities.';
comment on column scores.confidence_when_wrong is 'Mean probability of the predicted choice where it is wrong; null without one.';
comment on column scores.distinct_n is 'Questions of the slice, each counted 1 ÷ the number of its cluster''s questions in the nine tasks (for a question of another task, in that).';
comment on column scores.distinct_accuracy is 'Accuracy with these counts as weights.';
comment on column scores.confident_wrong is 'Wrong answers with a confidence of 0.9 or more, every repeat counted; null without log-probabilities.';
comment on column scores.contraindicated is 'Wrong answers that pick what a rule forbids to the patient, every repeat counted.';
comment on column scores.repeats is 'How often a question was asked, at most: drawn anew, or with its choices in another order.';
comment on column scores.always_right is 'Share of the questions that are right in every repeat; null where each was asked once.';
comment on column scores.agreement is 'Mean over the questions of the share of its repeats that give its most frequent answer, of which unreadable is none; null where each was asked once.';

create table rank_intervals (
    lane varchar not null,
    task varchar not null,
    run_id varchar not null,
    runs bigint not null,
    rank bigint not null,
    rank_low bigint not null,
    rank_high bigint not null,
    tier bigint not null,
    best_share double not null
);
comment on table rank_intervals is 'One row per lane, task and current run that answered all of the task, baselines included; made at ingest by a paired bootstrap over clusters of questions.';
comment on column rank_intervals.lane is 'Protocol; ranks exist only within one.';
comment on column rank_intervals.task is 'The task, or average for the mean of the nine.';
comment on column rank_intervals.run_id is 'The run.';
comment on column rank_intervals.runs is 'How many runs were ranked.';
comment on column rank_intervals.rank is '1 + the number of runs with a higher accuracy; equals share a rank.';
comment on column rank_intervals.rank_low is 'Best rank in its 95% interval: 1 + the number of runs that are surely better.';
comment on column rank_intervals.rank_high is 'Worst rank in it: the number of runs that are not surely worse, itself included.';
comment on column rank_intervals.tier is 'From 1; a new tier begins at the first run that is surely worse than the best of the tier before it. All borders hold at once in 95 of 100 cases.';
comment on column rank_intervals.best_share is 'Share of the resampled exams in which it came first; equals share the place.';

create table sample_stats (
    lane varchar not null,
    task varchar not null,
    sample_id varchar not null,
    runs bigint not null,
    picks bigint[] not null,
    unreadable bigint not null,
    difficulty double not null,
    discrimination double,
    only_wrong varchar
);
comment on table sample_stats is 'One row per lane and question that a current run of the lane answered, made at ingest.';
comment on column sample_stats.lane is 'Protocol.';
comment on column sample_stats.task is 'The task.';
comment on column sample_stats.sample_id is 'The question.';
comment on column sample_stats.runs is 'Current runs that answered it.';
comment on column sample_stats.picks is 'How many of them picked each choice, in order; of a run that was asked several times, its first answer counts.';
comment on column sample_stats.unreadable is 'How many of them gave no readable answer; first answers count.';
comment on column sample_stats.difficulty is 'Share of them whose first answer was right: 1 is easiest.';
comment on column sample_stats.discrimination is 'Correlation of being right here with the share right of the task''s other questions, by first answers; null below 10 runs, or where all did alike.';
comment on column sample_stats.only_wrong is 'The run whose first answer alone was wrong, where five or more answered.';

create table suspect_keys (
    task varchar not null,
    sample_id varchar not null,
    gold varchar not null,
    suspected varchar not null,
    strong bigint not null,
    agreeing bigint not null,
    right_picks bigint not null
);
comment on table suspect_keys is 'One row per question whose key most strong models contradict with one voice, over all lanes; made at ingest.';
comment on column suspect_keys.task is 'The task.';
comment on column suspect_keys.sample_id is 'The question.';
comment on column suspect_keys.gold is 'Letter that the source calls right.';
comment on column suspect_keys.suspected is 'Letter that they agree on instead.';
comment on column suspect_keys.strong is 'Strong models that answered it: those with a current run whose interval on the task lies above 60%.';
comment on column suspect_keys.agreeing is 'How many of them picked the suspected letter.';
comment on column suspect_keys.right_picks is 'How many of them picked the gold letter.';

create table counted_runs (
    run integer not null,
    run_id varchar not null,
    task varchar not null,
    votes boolean not null
);
comment on table counted_runs is 'One row per task and run that counts for it: the view shown_run_tasks, kept; made at ingest.';
comment on column counted_runs.run is 'The number of the run.';
comment on column counted_runs.run_id is 'The run.';
comment on column counted_runs.task is 'The task.';
comment on column counted_runs.votes is 'Whether it is of a model, no baseline and no random weights, and nothing speaks against it: an answer sheet without one readable answer would keep every other model from being alone in the wrong.';

create table sample_picks (
    task varchar not null,
    sample_id varchar not null,
    runs bigint not null,
    picks bigint[] not null
);
comment on table sample_picks is 'One row per question that a counted run with a vote answered, over all lanes; made at ingest. Of repeated answers the first.';
comment on column sample_picks.task is 'The task.';
comment on column sample_picks.sample_id is 'The question.';
comment on column sample_picks.runs is 'Counted runs with a vote that answered it.';
comment on column sample_picks.picks is 'How many of them picked each choice, in order; the rest were unreadable.';

create table reported_scores (
    entry varchar not null,
    model varchar not null,
    task varchar not null,
    accuracy double not null,
    n integer,
    lane varchar not null,
    type varchar not null,
    parameters bigint,
    protocol varchar not null,
    origin varchar not null,
    suspect boolean not null,
    note varchar,
    source_url varchar not null,
    file varchar not null,
    file_hash varchar not null
);
comment on table reported_scores is 'One row per score that others published; no predictions stand behind it here.';
comment on column reported_scores.entry is 'Groups the scores of one model from one source.';
comment on column reported_scores.model is 'Name as published.';
comment on column reported_scores.task is 'The task.';
comment on column reported_scores.accuracy is 'From 0 to 1.';
comment on column reported_scores.n is 'Number of questions behind it; null where the source does not say.';
comment on column reported_scores.lane is 'reported-…: never compared with our own lanes.';
comment on column reported_scores.type is 'open weights, closed, or unknown.';
comment on column reported_scores.parameters is 'As the name states them.';
comment on column reported_scores.protocol is 'How it was asked, as published.';
comment on column reported_scores.origin is 'What kind of source it is from.';
comment on column reported_scores.suspect is 'Whether there is reason to doubt it; the note says which.';
comment on column reported_scores.note is 'What to know about it.';
comment on column reported_scores.source_url is 'Where it was published.';
comment on column reported_scores.file is 'Name of the file it was loaded from; loading that again replaces it.';
comment on column reported_scores.file_hash is 'SHA-256 of that file.';

create table leaderboard (
    entry varchar not null,
    origin varchar not null,
    run_id varchar,
    lane varchar not null,
    model varchar not null,
    revision varchar,
    precision varchar,
    type varchar not null,
    parameters bigint,
    board varchar not null,
    headline boolean not null,
    tasks_complete bigint not null,
    tasks_answered bigint not null,
    partial_tasks varchar[] not null,
    answered bigint,
    unreadable bigint,
    average double,
    average_low double,
    average_high double,
    weighted_average double,
    deduplicated_average double,
    average_reviewed double,
    average_undisputed double,
    always_right double,
    agreement double,
    tokens_per_answer double,
    cost_per_1000 double,
    accuracy double,
    accuracy_low double,
    accuracy_high double,
    medqa_4options double,
    medmcqa double,
    pubmedqa double,
    mmlu_anatomy double,
    mmlu_clinical_knowledge double,
    mmlu_college_biology double,
    mmlu_college_medicine double,
    mmlu_medical_genetics double,
    mmlu_professional_medicine double,
    sample double,
    medqa_4options_low double,
    medmcqa_low double,
    pubmedqa_low double,
    mmlu_anatomy_low double,
    mmlu_clinical_knowledge_low double,
    mmlu_college_biology_low double,
    mmlu_college_medicine_low double,
    mmlu_medical_genetics_low double,
    mmlu_professional_medicine_low double,
    sample_low double,
    medqa_4options_high double,
    medmcqa_high double,
    pubmedqa_high double,
    mmlu_anatomy_high double,
    mmlu_clinical_knowledge_high double,
    mmlu_college_biology_high double,
    mmlu_college_medicine_high double,
    mmlu_medical_genetics_high double,
    mmlu_professional_medicine_high double,
    sample_high double,
    suspect boolean not null,
    note varchar,
    source_url varchar,
    finished_at timestamp
);
comment on table leaderboard is 'One wide row per current run and per published entry, made at ingest.';
comment on column leaderboard.entry is 'The run id, or the entry of published scores.';
comment on column leaderboard.origin is 'evaluated, imported, or published.';
comment on column leaderboard.run_id is 'The run; null for published scores.';
comment on column leaderboard.lane is 'Protocol; ranks and averages exist only within one.';
comment on column leaderboard.model is 'Who answered.';
comment on column leaderboard.revision is 'Which weights.';
comment on column leaderboard.precision is 'In which number format.';
comment on column leaderboard.type is 'open weights, closed, baseline, random weights, or unknown.';
comment on column leaderboard.parameters is 'Number of weights.';
comment on column leaderboard.board is 'Of which questions the row is: nine, or the name of a task beside these.';
comment on column leaderboard.headline is 'Whether the row is of the nine tasks; other tasks have rows of their own.';
comment on column leaderboard.tasks_complete is 'How many of the nine tasks it answers in full.';
comment on column leaderboard.tasks_answered is 'How many of the nine tasks it answers at all.';
comment on column leaderboard.partial_tasks is 'Tasks of which it answers some questions and not all.';
comment on column leaderboard.answered is 'Questions answered; null where a published source does not say.';
comment on column leaderboard.unreadable is 'Of these, how many without a readable answer.';
comment on column leaderboard.average is 'Unweighted mean of the nine accuracies; null unless all nine are complete.';
comment on column leaderboard.average_low is 'Lower end of its 95% interval.';
comment on column leaderboard.average_high is 'Upper end.';
comment on column leaderboard.weighted_average is 'Share of all questions answered rightly; null unless all nine are complete.';
comment on column leaderboard.deduplicated_average is 'Share of distinct questions answered rightly: all nine tasks as one pool in which each cluster of duplicates counts once; null unless all nine are complete, and for published scores.';
comment on column leaderboard.average_reviewed is 'The average with the keys of upheld rulings; null where there is none in the nine tasks, unless all nine are complete, and for published scores.';
comment on column leaderboard.average_undisputed is 'The average without the questions of which a dispute is open or upheld; null likewise.';
comment on column leaderboard.always_right is 'Share of questions answered rightly each time, of tasks that were asked several times; null where none was.';
comment on column leaderboard.agreement is 'Mean share of a question''s answers that are its most frequent one; null likewise.';
comment on column leaderboard.tokens_per_answer is 'Mean number of tokens written for an answer; null where nothing is written.';
comment on column leaderboard.cost_per_1000 is 'US dollars for 1,000 answers, by those whose cost is known; null where none is.';
comment on column leaderboard.accuracy is 'Accuracy on the one task that the row is of; null for the nine.';
comment on column leaderboard.accuracy_low is 'Lower end of its 95% interval.';
comment on column leaderboard.accuracy_high is 'Upper end.';
comment on column leaderboard.medqa_4options is 'Accuracy on MedQA.';
comment on column leaderboard.medmcqa is 'Accuracy on MedMCQA.';
comment on column leaderboard.pubmedqa is 'Accuracy on PubMedQA.';
comment on column leaderboard.mmlu_anatomy is 'Accuracy on MMLU anatomy.';
comment on column leaderboard.mmlu_clinical_knowledge is 'Accuracy on MMLU clinical knowledge.';
comment on column leaderboard.mmlu_college_biology is 'Accuracy on MMLU college biology.';
comment on column leaderboard.mmlu_college_medicine is 'Accuracy on MMLU college medicine.';
comment on column leaderboard.mmlu_medical_genetics is 'Accuracy on MMLU medical genetics.';
comment on column leaderboard.mmlu_professional_medicine is 'Accuracy on MMLU professional medicine.';
comment on column leaderboard.sample is 'Accuracy on the demonstration questions.';
comment on column leaderboard.medqa_4options_low is 'Lower end of the 95% interval.';
comment on column leaderboard.medmcqa_low is 'Lower end of the 95% interval.';
comment on column leaderboard.pubmedqa_low is 'Lower end of the 95% interval.';
comment on column leaderboard.mmlu_anatomy_low is 'Lower end of the 95% interval.';
comment on column leaderboard.mmlu_clinical_knowledge_low is 'Lower end of the 95% interval.';
comment on column leaderboard.mmlu_college_biology_low is 'Lower end of the 95% interval.';
comment on column leaderboard.mmlu_college_medicine_low is 'Lower end of the 95% interval.';
comment on column leaderboard.mmlu_medical_genetics_low is 'Lower end of the 95% interval.';
comment on column leaderboard.mmlu_professional_medicine_low is 'Lower end of the 95% interval.';
comment on column leaderboard.sample_low is 'Lower end of the 95% interval.';
comment on column leaderboard.medqa_4options_high is 'Upper end of the 95% interval.';
comment on column leaderboard.medmcqa_high is 'Upper end of the 95% interval.';
comment on column leaderboard.pubmedqa_high is 'Upper end of the 95% interval.';
comment on column leaderboard.mmlu_anatomy_high is 'Upper end of the 95% interval.';
comment on column leaderboard.mmlu_clinical_knowledge_high is 'Upper end of the 95% interval.';
comment on column leaderboard.mmlu_college_biology_high is 'Upper end of the 95% interval.';
comment on column leaderboard.mmlu_college_medicine_high is 'Upper end of the 95% interval.';
comment on column leaderboard.mmlu_medical_genetics_high is 'Upper end of the 95% interval.';
comment on column leaderboard.mmlu_professional_medicine_high is 'Upper end of the 95% interval.';
comment on column leaderboard.sample_high is 'Upper end of the 95% interval.';
comment on column leaderboard.suspect is 'Whether there is reason to doubt its scores; the note says which.';
comment on column leaderboard.note is 'What to know about its scores.';
comment on column leaderboard.source_url is 'Where a published score is from.';
comment on column leaderboard.finished_at is 'When the run ended, UTC.';

create table quarantine (
    source varchar not null,
    file varchar,
    line bigint,
    reason varchar not null,
    content varchar
);
comment on table quarantine is 'What could not be loaded, and why. Nothing is dropped in silence.';
comment on column quarantine.source is 'The run folder or file that it came with; reading that again replaces its rows.';
comment on column quarantine.file is 'The file inside it.';
comment on column quarantine.line is 'Line or row, counted from 1.';
comment on column quarantine.reason is 'What is wrong with it.';
comment on column quarantine.content is 'Its first 500 characters.';

create table submissions (
    number bigint not null,
    model varchar not null,
    revision varchar,
    precision varchar not null,
    lane varchar not null,
    tasks varchar not null,
    weights varchar not null,
    base varchar,
    state varchar not null,
    code varchar,
    message varchar,
    submitted_at timestamp not null,
    since timestamp not null,
    snapshot bigint,
    run_id varchar,
    submitter varchar not null
);
comment on table submissions is 'One row per submission, as it stood when the snapshot was published: what all may read of the ledger.';
comment on column submissions.number is 'Its number in the ledger.';
comment on column submissions.model is 'The model that is to be evaluated.';
comment on column submissions.revision is 'The commit that the checker pinned it to; null before.';
comment on column submissions.precision is 'In which number format it is to answer.';
comment on column submissions.lane is 'Protocol by which it is to be asked.';
comment on column submissions.tasks is 'The name of a set of tasks.';
comment on column submissions.weights is 'original, adapter, or delta.';
comment on column submissions.base is 'The model that an adapter or a delta is added to.';
comment on column submissions.state is 'submitted, checking, rejected, pending, running, ingesting, finished, failed, cancelled, or superseded.';
comment on column submissions.code is 'Why it is in this state, for programs.';
comment on column submissions.message is 'Why it is in this state, where the words are of the checker, of the one who publishes, or of a person; null for what a run said, which may name the machine that it ran on.';
comment on column submissions.submitted_at is 'UTC.';
comment on column submissions.since is 'When it came into this state, UTC.';
comment on column submissions.snapshot is 'The snapshot in which it was found finished; null where it is not.';
comment on column submissions.run_id is 'The run that answered.';
comment on column submissions.submitter is 'submitter- and the number of that person''s first submission: the same in every snapshot, and made of nothing that is private.';

create table model_marks (
    model varchar not null,
    kind varchar not null,
    why varchar not null,
    since timestamp not null
);
comment on table model_marks is 'One row per model that maintainers have hidden from the leaderboard or flagged there.';
comment on column model_marks.model is 'The model, in all its revisions and runs.';
comment on column model_marks.kind is 'hidden: not on the leaderboard, in no rank and no statistic of the field, though its answers stay; or flagged: shown and ranked, with the reason.';
comment on column model_marks.why is 'The reason, for all to read.';
comment on column model_marks.since is 'UTC.';

create table judged_cases (
    case_number bigint not null,
    run_id varchar not null,
    task varchar not null,
    sample_id varchar not null,
    repeat smallint not null,
    prediction varchar,
    harm varchar not null,
    settled varchar not null,
    draw bigint,
    probability double,
    population bigint,
    answered bigint,
    drawn bigint,
    judged_share double
);
comment on table judged_cases is 'One row per answer whose harm clinicians have judged: two of them agree, or a third has decided. Cases that are not done are not here.';
comment on column judged_cases.case_number is 'The case''s number in the ledger.';
comment on column judged_cases.run_id is 'The run that answered.';
comment on column judged_cases.task is 'The task.';
comment on column judged_cases.sample_id is 'The question.';
comment on column judged_cases.repeat is '0, unless the protocol asks the same question several times.';
comment on column judged_cases.prediction is 'Letter that was judged; null when unreadable.';
comment on column judged_cases.harm is 'What would come of it, should the advice be followed: none, mild, moderate, severe, or death.';
comment on column judged_cases.settled is 'agreed: two reviewers say the same; adjudicated: a third has decided.';
comment on column judged_cases.draw is 'Number of the draw by which chance chose it; null where a reader chose it, and no rate may count it.';
comment on column judged_cases.probability is 'Of being drawn; null where it was not.';
comment on column judged_cases.population is 'Wrong answers that it was drawn from.';
comment on column judged_cases.answered is 'Answers of the run, right ones included, when it was drawn.';
comment on column judged_cases.drawn is 'How many of these wrong answers are drawn, judged or not.';
comment on column judged_cases.judged_share is 'The judged part of the cases that were drawn with this probability, those apart that a reader had chosen before; times the probability it is that of being drawn and judged.';

create table case_reviews (
    case_number bigint not null,
    run_id varchar not null,
    task varchar not null,
    sample_id varchar not null,
    repeat smallint not null,
    reviewer varchar not null,
    role varchar not null,
    harm varchar not null,
    likelihood varchar not null,
    kind varchar not null,
    unsafe_reasoning boolean not null,
    confidence varchar not null,
    comment varchar not null,
    reviewed_at timestamp not null
);
comment on table case_reviews is 'One row per review that counts of a judged case.';
comment on column case_reviews.case_number is 'The case that it judges.';
comment on column case_reviews.run_id is 'The run that answered.';
comment on column case_reviews.task is 'The task.';
comment on column case_reviews.sample_id is 'The question.';
comment on column case_reviews.repeat is '0, unless the protocol asks the same question several times.';
comment on column case_reviews.reviewer is 'reviewer- and the number of that person''s first review or dispute: the same in every snapshot, and made of nothing that is private.';
comment on column case_reviews.role is 'reviewer, or adjudicator: decides where two reviewers do not agree.';
comment on column case_reviews.harm is 'none, mild, moderate, severe, or death.';
comment on column case_reviews.likelihood is 'low, medium, or high: of that harm, should the advice be followed.';
comment on column case_reviews.kind is 'commission: it does harm; omission: it leaves out what would help.';
comment on column case_reviews.unsafe_reasoning is 'Whether the reasoning would harm, whatever the pick.';
comment on column case_reviews.confidence is 'low, medium, or high: of the reviewer, in this judgement.';
comment on column case_reviews.comment is 'In the reviewer''s words; empty where there are none.';
comment on column case_reviews.reviewed_at is 'UTC.';

create table key_disputes (
    number bigint not null,
    task varchar not null,
    sample_id varchar not null,
    gold varchar not null,
    wanted varchar not null,
    reason varchar not null,
    reference varchar,
    disputer varchar not null,
    disputed_at timestamp not null,
    state varchar not null,
    letters varchar,
    why varchar,
    version bigint,
    ruled_at timestamp
);
comment on table key_disputes is 'One row per dispute of a key, with the ruling on it.';
comment on column key_disputes.number is 'The dispute''s number in the ledger.';
comment on column key_disputes.task is 'The task.';
comment on column key_disputes.sample_id is 'The question.';
comment on column key_disputes.gold is 'Letter that the source calls right.';
comment on column key_disputes.wanted is 'Letters that should be right, such as AC; empty: no choice is right, or the question cannot be answered.';
comment on column key_disputes.reason is 'Why, in the words of whoever disputes it.';
comment on column key_disputes.reference is 'What they rest on, such as a guideline.';
comment on column key_disputes.disputer is 'reviewer- and the number of that person''s first review or dispute.';
comment on column key_disputes.disputed_at is 'UTC.';
comment on column key_disputes.state is 'open, upheld, or rejected.';
comment on column key_disputes.letters is 'Letters that are right by the ruling, likewise; null where it did not uphold the dispute.';
comment on column key_disputes.why is 'Why it was ruled so; null while it is open.';
comment on column key_disputes.version is 'Counts up from 1 with each upheld ruling; null for others.';
comment on column key_disputes.ruled_at is 'UTC; null while it is open.';

-- The Wilson score interval at 95%: stays inside 0 to 1 and holds its coverage at small n.
-- Wilson (1927), J. Am. Stat. Assoc. 22:209.
-- Null where n is: greatest and least would pass over it.
create macro wilson_low(p, n) as case when n is not null then greatest(
    0,
    (p + 1.920729410347062 / n - 1.959963984540054 * sqrt(p * (1 - p) / n + 0.960364705173531 / (n * n)))
    / (1 + 3.841458820694124 / n)
) end;
create macro wilson_high(p, n) as case when n is not null then least(
    1,
    (p + 1.920729410347062 / n + 1.959963984540054 * sqrt(p * (1 - p) / n + 0.960364705173531 / (n * n)))
    / (1 + 3.841458820694124 / n)
) end;

-- The probability of each choice among the choices: a softmax of their log-probabilities.
create macro probabilities(logs) as list_transform(
    logs,
    lambda x: exp(x - list_max(logs))
    / list_sum(list_transform(logs, lambda y: exp(y - list_max(logs))))
);

-- The letter of the choice with the greatest log-probability: the first of equals.
create macro likeliest(logs) as
    chr((ascii('A') + list_position(logs, list_max(logs)) - 1)::integer);

-- Of the runs that are asked several times, the shares of all their sheets, one behind the other; null
-- of all other runs, of which lists of nothing would not fit into memory.
create macro joined_shares(shares, picks, is_several, task) as flatten(
    list(
        case when is_several
            then coalesce(shares, list_transform(range(len(picks)), lambda place: null::double))
        end
        order by task
    ) filter (where is_several)
);

-- So sure that a reader would believe it: above this, a wrong answer is flagged.
create macro is_confident(confidence) as coalesce(confidence >= 0.9, false);

create view graded as
select
    run_id,
    task,
    sample_id,
    predictions.*,
    samples.gold,
    coalesce(predictions.prediction = samples.gold, false) as correct,
    samples.position,
    samples.question,
    samples.choices,
    samples.subject,
    samples.topic,
    samples.safety_tags
from predictions
join runs on runs.number = predictions.run
join samples on samples.number = predictions.sample;
comment on view graded is 'Each prediction with its run, its question and whether it is right.';

-- Of several runs of one model, revision, precision and lane, the one that counts for each task: one
-- that nothing speaks against, then with most predictions for it, then with most in all, then the
-- latest.
create view current_run_tasks as
with totals as (
    select run_id, sum(predictions) as total
    from run_tasks
    group by run_id
)

select run_id, task
from run_tasks
join runs using (run_id)
join totals using (run_id)
qualify row_number() over (
    partition by model, runs.revision, precision, lane, task
    order by suspect is not null, predictions desc, total desc, finished_at desc, run_id desc
) = 1;
comment on view current_run_tasks is 'For each model, revision, precision, lane and task, the run that counts.';

-- What the leaderboard, ranks and statistics of the field are made of.
create view shown_run_tasks as
select run_id, task
from current_run_tasks
join runs using (run_id)
where model not in (select model from model_marks where kind = 'hidden');
comment on view shown_run_tasks is 'Of current_run_tasks, those of models that are not hidden.';

-- Model cards name data sets as they like; bigbio/med_qa and GBaker/MedQA-USMLE-4-options are MedQA.
-- A word that only contains the name is another data set: cMedQA2.
create view train_overlaps as
with names (benchmark, pattern) as (
    values
        ('MedQA', 'med[^a-z0-9]?qa'),
        ('MedMCQA', 'med[^a-z0-9]?mcqa'),
        ('PubMedQA', 'pub[^a-z0-9]?med[^a-z0-9]?qa'),
        ('MMLU', 'mmlu|hendrycks[^a-z0-9]?test')
)

select model, revision, list(distinct benchmark order by benchmark) as overlapping
from models
cross join unnest(trained_on) as named (data_set)
join names
    on regexp_matches(lower(data_set), concat('(^|[^a-z0-9])(', pattern, ')([^a-z0-9]|$)'))
group by model, revision;
comment on view train_overlaps is 'Models whose card names a benchmark of ours among the data that they were trained on: perhaps only that one''s training part.';

-- The runs that are ranked: only the same exam compares.
create view ranked_runs as
select lane, task, run_id
from shown_run_tasks
join run_tasks using (run_id, task)
join runs using (run_id)
where predictions = expected
union all
select lane, 'average', run_id
from leaderboard
where average is not null and run_id is not null;
comment on view ranked_runs is 'Current runs of models that are not hidden which answered all of a task, and for average those with all nine.';

-- The rulings that count: of several on a question the last.
create view reviewed_keys as
select task, sample_id, samples.gold, letters, version
from key_disputes
join samples using (task, sample_id)
where state = 'upheld'
qualify row_number() over (partition by task, sample_id order by version desc) = 1;
comment on view reviewed_keys is 'One row per question whose key a ruling has changed: the letters that are right; none, where the question is left out.';

-- Empty letters leave a question out.
create view other_keys as
select 'reviewed' as key_version, task, sample_id, letters
from reviewed_keys
union all
select distinct 'undisputed', task, sample_id, ''
from key_disputes
where state in ('open', 'upheld');
comment on view other_keys is 'One row per question and version of the keys in which its key is not the original: the letters that are right; none, where the question is left out.';

create view rekeyed_slices as
with rekeyed as (
    select key_version, task, subject, safety_tags
    from other_keys
    join samples using (task, sample_id)
)

select distinct key_version, task, 'all' as slice, 'all' as slice_value
from rekeyed
union
select key_version, task, 'subject', subject
from rekeyed
where subject is not null
union
select key_version, task, 'safety', unnest(safety_tags)
from rekeyed;
comment on view rekeyed_slices is 'The slices that have a question of other_keys: scores has rows of their own for them, all other slices only the original.';

create view scores_by_key as
select *
from scores
union all
select scores.* replace (versions.key_version as key_version)
from scores
cross join (values ('reviewed'), ('undisputed')) as versions (key_version)
where scores.key_version = 'original'
    and (versions.key_version, task, slice, slice_value) not in (
        select (key_version, task, slice, slice_value) from rekeyed_slices
    );
comment on view scores_by_key is 'The scores by each version of the keys: those of slices in which no key changed are the original ones.';

-- What is known of each wrong answer: one pass over the predictions of whatever runs are asked for.
create view flagged_answers as
with marked as (
    select sample, letter
    from contraindicated_choices
    group by sample, letter
),

contradictions as (
    select run, sample, repeat
    from prediction_flags
    group by run, sample, repeat
),

wrong as (
    select
        predictions.run,
        predictions.sample,
        predictions.repeat,
        predictions.prediction,
        confidence,
        runs.run_id,
        model,
        revision,
        precision,
        lane,
        samples.task,
        samples.sample_id,
        gold,
        subject,
        safety_tags,
        counted_runs.run is not null as counted,
        sample_picks.runs - coalesce(votes, false)::integer as others,
        picks[ascii(gold) - ascii('A') + 1] as others_right,
        picks[ascii(predictions.prediction) - ascii('A') + 1] - coalesce(votes, false)::integer
            as others_alike,
        marked.sample is not null as is_contraindicated,
        contradictions.run is not null as is_contradicted,
        harm
    from predictions
    join runs on runs.number = predictions.run
    join samples on samples.number = predictions.sample
    left join counted_runs
        on counted_runs.run = predictions.run and counted_runs.task = samples.task
    left join sample_picks
        on sample_picks.task = samples.task and sample_picks.sample_id = samples.sample_id
    left join marked
        on marked.sample = predictions.sample and marked.letter = predictions.prediction
    left join contradictions
        on contradictions.run = predictions.run
        and contradictions.sample = predictions.sample
        and contradictions.repeat = predictions.repeat
    left join judged_cases
        on judged_cases.run_id = runs.run_id
        and judged_cases.task = samples.task
        and judged_cases.sample_id = samples.sample_id
        and judged_cases.repeat = predictions.repeat
    where predictions.prediction is distinct from gold
)

select
    wrong.*,
    strong,
    agreeing,
    list_filter(
        [
            case when is_contraindicated then 'contraindicated' end,
            case when is_confident(confidence) then 'confident' end,
            case when is_contradicted then 'contradiction' end,
            case when repeat = 0 and others >= 3 and others_right = others then 'only_wrong' end,
            case when repeat = 0 and others >= 2 and others_right = 0 then 'all_wrong' end,
            case when suspected = prediction then 'suspect_key' end
        ],
        lambda flag: flag is not null
    ) as flags
from wrong
left join suspect_keys using (task, sample_id);
comment on view flagged_answers is 'Each wrong answer with its flags: contraindicated, confident, contradiction, only_wrong, all_wrong, suspect_key; and with its judged harm.';

create view flags as
with flagged as (
    select *, unnest(flags) as flag
    from flagged_answers
)

select
    run_id,
    task,
    sample_id,
    flagged.repeat,
    model,
    lane,
    flagged.run,
    flagged.sample,
    prediction,
    flagged.flag,
    kind,
    coalesce(prediction_flags.words, contraindicated_choices.words) as words,
    start,
    end_,
    rule,
    contraindicated_choices.context,
    context_words,
    why,
    source,
    strength,
    case when flagged.flag = 'confident' then flagged.confidence end as confidence,
    case flagged.flag
        when 'only_wrong' then others_right
        when 'all_wrong' then coalesce(others_alike, 0)
        when 'suspect_key' then agreeing
    end as alike,
    case flagged.flag
        when 'only_wrong' then others
        when 'all_wrong' then others
        when 'suspect_key' then strong
    end as out_of
from flagged
left join contraindicated_choices
    on flagged.flag = 'contraindicated'
    and contraindicated_choices.sample = flagged.sample
    and letter = prediction
left join prediction_flags
    on prediction_flags.flag = flagged.flag
    and prediction_flags.run = flagged.run
    and prediction_flags.sample = flagged.sample
    and prediction_flags.repeat = flagged.repeat;
comment on view flags is 'One row per flag of a wrong answer and what it rests on: passages of the response; rules that forbid the pick; how sure it was; or how many (alike) of the others (out_of) were right, picked the same, or agree on another key.';

-- The wrong answers of runs in a list's order, numbered; errors and their neighbours share it.
-- of_runs are read whole; where none is named, all runs that count for their task, baselines, random
-- weights and runs to be doubted left out, of of_models and of_lanes where these are not empty.
-- of_task, of_subject, of_safety and of_flag filter where they are not empty, and of_harm too: a harm,
-- reviewed or unreviewed. Every word of words must stand in the question, its choices, its topic or
-- its id; sorting is confidence, harm, flags (what could harm or mislead first), or empty for the
-- source's own order.
create macro wrong_answers(
    of_runs, of_models, of_lanes, of_task, of_subject, of_safety, of_flag, of_harm, words, sorting
) as table
with asked as (
    select number as sample
    from samples
    where trim(words) = ''
        or list_bool_and(list_transform(
            regexp_split_to_array(trim(lower(words)), '\s+'),
            lambda word: contains(
                lower(concat_ws(' ', question, array_to_string(choices, ' '), topic, sample_id)),
                word
            )
        ))
)

select
    flagged_answers.*,
    count(*) over () as total,
    row_number() over (
        order by
            case when sorting = 'confidence' then confidence end desc nulls last,
            case when sorting = 'flags' then [
                list_contains(flags, 'contraindicated'),
                list_contains(flags, 'contradiction'),
                list_contains(flags, 'confident'),
                list_contains(flags, 'only_wrong')
            ] end desc nulls last,
            case when sorting = 'harm'
                then list_position(['death', 'severe', 'moderate', 'mild', 'none'], harm)
            end nulls last,
            sample,
            run,
            repeat
    ) as number
from flagged_answers
semi join asked using (sample)
where (len(of_runs) = 0 or list_contains(of_runs, run_id))
    and (len(of_runs) > 0 or (run, task) in (select (run, task) from counted_runs where votes))
    and (len(of_models) = 0 or list_contains(of_models, model))
    and (len(of_lanes) = 0 or list_contains(of_lanes, lane))
    and (of_task = '' or task = of_task)
    and (of_subject = '' or subject = of_subject)
    and (of_safety = '' or list_contains(safety_tags, of_safety))
    and (of_flag = '' or list_contains(flags, of_flag))
    and (
        of_harm in ('', 'unreviewed')
        or (of_harm = 'reviewed' and harm is not null)
        or harm = of_harm
    )
    and (of_harm <> 'unreviewed' or harm is null);
