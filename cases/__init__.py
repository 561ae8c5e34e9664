"""Cases and what is learned from them: from a draft to a signed recommendation that can be found.

What lives here
- `instruments` pure: PHQ-9 and its like, scored as their papers say
- `formulas`    pure: BMI, APRI, FIB-4, Child-Pugh, Framingham; units and the laboratory catalogue
- `rules`       pure: the case form, its life cycle, recommendations, access
- `store`       rows of cases, recommendations, letters and the library
- `commands`    submit, triage, recommend, sign; and reactions to session events
- `queries`     every read, as frozen values
- `library`     the knowledge base: index, ranking, search
- `web`         pages and forms
- `events`      what other rooms may hear
"""
