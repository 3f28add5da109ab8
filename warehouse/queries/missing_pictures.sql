-- Which questions speak of a picture that is not here, and with which words?
select
    task,
    sample_id,
    gold,
    question,
    regexp_extract(question, '(?i)' || concat_ws(
        '|',
        -- shown in the accompanying photograph; findings in the image
        '\b(?:shown|seen|depicted|demonstrated|provided|given|marked|presented|findings?|displayed)'
        '\s+(?:in|on|as|by)\s+(?:(?:the|this|an?|accompanying|following|first|attached|given)\s+)*'
        '(?:image|picture|photo|photograph|figure|fig|diagram|illustration|exhibit|colou?r plate'
        '|radiograph)s?\b(?:\s+\w\b)?',
        -- (see image); (figure 1)
        '\((?:as\s+)?(?:see|seen|shown|refer to)?\s*(?:in\s+)?(?:the\s+)?'
        '(?:image|picture|photo|photograph|figure|fig)s?\b[^()]{0,12}\)',
        -- Image A shows; the figure depicts; in the following diagram
        '\b(?:image|figure)\s+[A-D1-4]\b',
        '\b(?:figure|picture|image|photograph) (?:shows|depicts)\b',
        '\b(?:in|to|of|from|by) (?:the )?(?:following|given|above|below|accompanying|attached) '
        '(?:image|picture|photo|photograph|figure|diagram)\b',
        '\b(?:refer to|see) the (?:image|picture|photograph|figure|diagram)\b',
        -- a CT scan of the head is shown.
        '\b(?:photograph|photomicrograph|micrograph|radiograph|x ?.? ?ray|cxr|ct|cect|scan|mri|ecg'
        '|ekg|electrocardiogram|echocardiogram|ultrasound|imaging|image|smear|loop|pedigree'
        '|cardiotocograph|histology|histopathology|histopathological examination|biopsy|curve'
        '|ultrasonography|microscopy|cardiac examination|relationship|fall)\b[^.?:;]{0,90}'
        '\b(?:is|are|was|were|been|and|as|which)\s+(?:as\s+)?'
        '(?:(?:shown|depicted)(?:\s+(?:below|here|the following \w+))?|(?:given|provided) below)'
        '\s*(?:[.?:,]|$|with)',
        -- the structure marked with arrow; the case shown?
        '\b(?:marked|indicated|shown|identified)\s+\(?(?:with|by|in)\s+(?:(?:the|an?|white|black|red'
        '|yellow)\s+)*(?:arrow|asterisk)s?\b',
        '\bmarked (?:structure|muscle|area|arrow|region|part)s?\b',
        '\b(?:case|condition|lesion|instrument|device) (?:shown|depicted)\b',
        '\bgiven below (?:device|is the diagram)\w*',
        '\bvideo based question\b'
    )) as words
from samples
where words <> ''
order by task, position
