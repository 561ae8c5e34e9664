"""Patterns that the question coach reads a question with; pure data, English only.

Regular expressions that Python and browsers read alike, as in `phrases`; case does not matter.
"""

from typing import Final

CHAINED: Final = (
    r"\?[^?]*\w[^?]*\?"
    r"|\b(?:and|also|plus|or)(?: also| then)?,? (?:what|which|who|when|where|why|should|can|could|"
    r"would|is (?:it|there|this)|are there|do (?:i|we|you)|does|"
    r"how (?!much|long|often|fast|quickly|slowly|soon|far))\b"
)
"""Two questions in one. "… and how fast?" belongs to the same decision."""

VAGUE: Final = (
    r"\b(?:please|pls|kindly) (?:advi[sc]e|help|comment)|\badvi[sc]e (?:please|welcome|appreciated)"
    r"|\b(?:any|some|your|other) (?:thoughts|ideas?|advice|suggestions?|input|recommendations?|help|"
    r"guidance|tips|insights?|opinions?|comments)\b"
    r"|\bthoughts ?\?|\bwhat now ?\?|\bwhat(?:'s| is) next ?\?"
    r"|\b(?:need|needs|want|seeking|appreciate|looking for|welcome) "
    r"(?:some |any |your |more )?(?:help|advice|guidance|input|suggestions?|recommendations?)\b"
    r"|\bwhat (?:do|would|should|can) (?:you|we|i) (?:think|do|recommend|suggest|advise)"
    r"(?: (?:now|next|here|about (?:this|him|her|them)))? ?(?:\?|$)"
    r"|\bhow (?:to|(?:do|should|can|would) (?:i|we|you)) (?:best )?(?:manage|handle|proceed|treat|help|"
    r"approach)(?: (?:this|him|her|them|it|the|my|our)(?: (?:patient|case|person|client|man|woman|"
    r"situation))?)? ?(?:\?|$)"
)
"""Asks for anything at all. "How should we manage her sleep?" does not."""

DECISION: Final = (
    r"\b(?:should|start|starting|stop|stopping|switch|switching|chang(?:e|ing)|increas(?:e|ing)|"
    r"decreas(?:e|ing)|rais(?:e|ing)|lower|lowering|reduc(?:e|ing)|taper|tapering|wean|weaning|add|"
    r"adding|augment|augmenting|combin(?:e|ing)|continu(?:e|ing)|keep|choos(?:e|ing)|pick|prefer|"
    r"offer|treat|treating|refer|referring|test|testing|order|screen|screening|monitor|monitoring|"
    r"check|checking|wait|hold|restart|begin|dose|dosing|titrat(?:e|ing)|adjust|adjusting|"
    r"diagnos\w+|distinguish|rule out|tell apart|explain|avoid|prevent|safe|safer|safely|best|better|"
    r"which|when|next step|first step|how (?:much|long|often|fast|quickly|slowly|soon|far|"
    r"(?:do|should|can|could|would|to))|is (?:it|this|that|there|she|he)|are (?:these|there|they)|"
    r"could (?:it|this)|can (?:i|we|you|she|he|they|it|the)|who (?:should|can|could))\b"
)
"""A decision somebody faces, or a way to ask for one."""

SUBJECT: Final = (
    # medicines: stems of generic names (INN), classes
    r"\b(?:\w{2,}(?:pine|idone|azole|prazole|oxetine|alopram|traline|azepam|azolam|faxine|mirtazapine|"
    r"statin|gliptin|gliflozin|glutide|formin|olol|pril|sartan|orphine|adone|trexone|oxone|"
    r"propion|zodone|buvir|asvir|previr|gabalin|gabapentin|valproate|lithium|valproic|trigine|"
    r"peridol|azine|pramate|clonidine|prazosin|guanfacine|phenidate|amphetamine|nicline|sulfiram|"
    r"barbital|codone|codeine|fentanyl|nabinol|nitazene|kratom)|lithium|insulin|methadone|nicotine|"
    r"melatonin|thyroxine|aspirin|ssris?|snris?|maois?|tricyclics?|antidepressants?|antipsychotics?|"
    r"benzodiazepines?|benzos?|stimulants?|opioids?|opiates?|mood stabili[sz]ers?|"
    r"moud|naloxone|medicines?|medications?|meds|dose|doses|tablets?|injections?|depot|long-acting|"
    # illness and what is felt
    r"depress\w+|mood|anxi\w+|panic|worry|ptsd|trauma\w*|nightmares?|flashbacks?|bipolar|mani[ac]\w*|"
    r"hypomani\w+|psycho(?:sis|tic)|voices|hallucinat\w+|delusions?|paranoi\w+|schizo\w+|adhd|autis\w+|"
    r"ocd|obsess\w+|compuls\w+|dementia|delirium|confusion|memory|insomnia|sleep\w*|fatigue|energy|pain|"
    r"headaches?|migraines?|seizures?|epilep\w+|grief|bereave\w*|postpartum|pregnan\w+|breast-?feeding|"
    r"diabet\w+|hba1c|glucose|sugar|weight|obes\w+|cholesterol|lipids?|hypertension|blood pressure|"
    r"hepatitis|hcv|hbv|hiv|tb|cirrhosis|fibrosis|liver|kidney|ckd|copd|asthma|thyroid|tsh|qtc?|sodium|"
    r"anemia|anaemia|heart|cardiovascular|stroke|infection|disorders?|syndrome|illness|disease|"
    r"diagnosis|withdrawal|overdos\w+|suicid\w+|self-harm|symptoms?|side effects?|interactions?|"
    # behaviour, substances, needs
    r"alcohol|drink\w*|smok\w+|tobacco|vap\w+|cannabis|marijuana|cocaine|meth|methamphetamine|heroin|"
    r"inject\w+|substance\w*|using|use|eating|appetite|cutting|anger|aggress\w+|violen\w+|agitat\w+|"
    r"avoid\w+|adheren\w+|exercise|behaviou?rs?|therap\w+|counsel\w+|cbt|exposure|housing|homeless\w*|"
    r"food|transport\w*|work|school|job|caregiv\w+|famil\w+|isolat\w+|lonel\w+|stigma|safety|"
    r"referral|discharge|hand-?off|tests?|labs?|level|levels|monitoring|vaccin\w+)\b"
)
"""What a question can be about. The words of the diagnoses and medicines count as well."""

FEWEST_WORDS: Final = 5
LONGEST: Final = 280
"""Characters: what the presenter can say in one breath and the room can keep in mind."""
