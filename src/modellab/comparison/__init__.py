"""Two runs or more, and an honest verdict: which test applies, what it says, and what is missing to tell.

compare        a whole comparison, and its entry
evidence       what is known of each run, read from a store or a server
pairing        which test rows two runs have in common
choose         which test applies to a pair, and its outcome
families       which pairs there are, and p-values adjusted for how many
verdicts       from a test to a word
wording        from a word to a sentence
leaderboard    runs by a metric, and which of them cannot be told apart from the first
"""
