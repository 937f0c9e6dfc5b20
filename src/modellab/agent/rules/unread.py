"""What of a question has not been read, and whether that may mean anything."""

from __future__ import annotations

import re

from modellab.agent.metrics import normalise
from modellab.agent.rules.names import Names
from modellab.agent.rules.question import Question

IDLE_WORDS = (
    r"\b(?:the|a|an|of|by|in|on|with|for|to|me|my|our|all|any|is|are|was|were|what|which|who|how|did|do|does|run|runs|"
    r"show|list|give|tell|please|best|top|most|recent|latest|last|newest|compare|and|or|that|have|has|had|it|its|"
    r"highest|lowest|why|fail|crash|summari[sz]e|overview|search|go|went|next|try|similar|like|better|worse|than|"
    r"between|difference|differ|vs|versus|trend|curve|params?|parameters?|hyper-?parameters?|rank|leaderboard|flag|"
    r"publish(?:ing)?|note|add|datasets?|should|i|suggest|evaluation|happened|details|describe|status|by|long|took|"
    r"highest|lowest|find|get|from|many|there|experiments?|models?|trials?|so|far|ever|about|one|ones|results?|can|you)\b|¦\d*"
)


SAYS_NO_FILTER = (
    r"\b(?:us(?:e|ed|ing)|tagged|slowest|longest|fastest|shortest|quickest|number|count|perform\w*|gave|started|"
    r"flag\w*|publi\w+|mark\w*|ready|nominat\w*|promot\w*|releas\w*|candidate|want|kindly|thanks?|thank|will|"
    r"go ahead|let|like|we|am|start|finish(?:ed)?|when|date|user|command|seed|commit|author|average\w*|avg|"
    r"means?|needed|needs?|least|still|std|standard|deviation|spread|time|among|sort\w*|order\w*|max(?:imum)?|min(?:imum)?|won|wins?|winner|"
    r"significan\w*|beats?|ran|running|config\w*|giv(?:es|en)|work(?:s|ed)?|achiev\w*|accurate|good|compared|"
    r"really|actually|chang(?:e|ed|es)|stack|up|different|diff|everything|anything|name|made|make|just|only|now|"
    r"right|experiment|scor\w*|value|got|gets?|single|overall|out|also|would|could|be|improve|increase|recommend|"
    r"propose|settings?|great|against|other|per|each|worst|weakest|strongest|"
    r"\d+ (?:best|newest|latest|worst))\b|\b(?:top|last|first|newest|latest|best|worst) \d+\b"
)


def has_unread(question: Question, names: Names) -> bool:
    """Whether something is unread that may be a param or its value; only then the API is asked for those."""
    rest = re.sub(IDLE_WORDS, " ", question.rest, flags=re.IGNORECASE)
    words = re.findall(r"\w[\w.\-]*", rest)
    return any(not set(normalise(word)) <= names.metric_words for word in words)


def list_unread(question: Question, names: Names) -> list[str]:
    """The phrases of a question that mean nothing to the rules, so that the answer can say so."""
    if not has_unread(question, names):
        return []
    idle = re.compile(f"{IDLE_WORDS}|{SAYS_NO_FILTER}", re.IGNORECASE)
    rest = idle.sub(lambda match: " " * len(match[0]), question.rest)
    of_params = {word for words, _ in names.params for word in words}
    found = []
    for part in re.split(r"[·,;:?!()]|\s{2,}", rest):
        words = [
            word
            for word in part.split()
            if not set(normalise(word)) <= names.metric_words and word.lower() not in of_params
        ]
        if any(len(word) > 2 and not word.isdigit() for word in words):
            found.append(" ".join(part.split()).strip(" .-"))
    return [phrase for phrase in dict.fromkeys(found) if phrase]
