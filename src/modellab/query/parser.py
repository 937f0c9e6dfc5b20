"""Reads a query: a text to a tree, by recursive descent, so that an error can say what belongs where.

any_of    = all_of { "or" all_of }
all_of    = one { "and" one }
one       = "not" one | "(" any_of ")" | "exists" field | field test
test      = ( "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) value
          | [ "not" ] ( "like" | "ilike" ) text
          | [ "not" ] "in" "(" value { "," value } ")"
          | [ "not" ] "between" value "and" value
          | "is" "null" | "is" "not" "null" | "is" "nan"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn, cast

from modellab.errors import InvalidQuery
from modellab.query.lexer import Token, read_tokens
from modellab.query.tree import And, Condition, Field, Node, Not, Operator, Or, SortKey, Value
from modellab.query.words import FieldReader, read_value

MAX_LENGTH = 10_000
"""Characters of a query."""
MAX_CONDITIONS = 200
"""Conditions in a query."""
MAX_DEPTH = 50
"""Parentheses and `not` inside each other."""
MAX_FIELD_LENGTH = 600
"""Characters of a field that stands alone: room for a name of 250 quotes, each of them doubled."""

_COMPARISONS: Mapping[str, Operator] = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_TESTS = "=, !=, <, <=, >, >=, like, ilike, in, between, is null"


def parse_query(text: str) -> Node:
    """The tree that a text means; raises `InvalidQuery` with the position at which it is none.

    A query has at most 10 000 characters, 200 conditions, and 50 parentheses and `not` inside each other.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidQuery(
            f"The query has {len(text)} characters; at most {MAX_LENGTH} are allowed.",
            text=text,
            position=MAX_LENGTH,
        )
    return _Parser(text).read_all()


def parse_field(text: str) -> Field:
    """The field that a text names, such as `metrics.loss.min`; raises `InvalidQuery` if it names none."""
    if len(text) > MAX_FIELD_LENGTH:
        raise InvalidQuery(
            f"The field has {len(text)} characters; at most {MAX_FIELD_LENGTH} are allowed.",
            text=text,
            position=MAX_FIELD_LENGTH,
        )
    return _Parser(text).read_only_field()


def parse_sort_key(text: str) -> SortKey:
    """What to sort by: a field, with a `-` before it for the largest first; raises `InvalidQuery`."""
    stripped = text.strip()
    return SortKey(parse_field(stripped.removeprefix("-")), stripped.startswith("-"))


class _Parser:
    """The tokens of a text, and how far they have been read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = read_tokens(text)
        self._index = 0
        self._n_conditions = 0

    @property
    def _next(self) -> Token:
        """The token that has not been read yet."""
        return self._tokens[self._index]

    def _refuse(self, allowed: str) -> NoReturn:
        """Raise, naming what stands here and what may."""
        token = self._next
        found = "The query ends" if token.kind == "end" else f"`{_shorten(token.text)}` stands"
        raise InvalidQuery(f"{found} here; expected is {allowed}.", text=self._text, position=token.position)

    def read_all(self) -> Node:
        """The tree of the whole text."""
        node = self._read_any_of(0)
        if self._next.kind != "end":
            self._refuse("and, or, or the end of the query")
        return node

    def read_only_field(self) -> Field:
        """The field that is the whole text."""
        reader = self._read_field()
        if self._next.kind != "end":
            self._refuse("the end of the field; a name with blanks or signs stands in quotes")
        return reader.field

    def _read_any_of(self, depth: int) -> Node:
        operands = self._read_joined("or", self._read_all_of, depth)
        return operands[0] if len(operands) == 1 else Or(operands)

    def _read_all_of(self, depth: int) -> Node:
        operands = self._read_joined("and", self._read_one, depth)
        return operands[0] if len(operands) == 1 else And(operands)

    def _read_joined(self, word: str, read: Callable[[int], Node], depth: int) -> tuple[Node, ...]:
        operands = [read(depth)]
        while self._take(word):
            operands.append(read(depth))
        return tuple(operands)

    def _read_one(self, depth: int) -> Node:
        start = self._next
        if start.keyword == "not" or start.text == "(":
            if depth == MAX_DEPTH:
                raise InvalidQuery(
                    f"More than {MAX_DEPTH} parentheses and `not` stand inside each other.",
                    text=self._text,
                    position=start.position,
                )
            self._index += 1
            if start.text != "(":
                return Not(self._read_one(depth + 1))
            node = self._read_any_of(depth + 1)
            self._expect(")", "and, or, or ) for the parenthesis that is open")
            return node
        self._n_conditions += 1
        if self._n_conditions > MAX_CONDITIONS:
            raise InvalidQuery(
                f"The query has more than {MAX_CONDITIONS} conditions.",
                text=self._text,
                position=start.position,
            )
        return self._read_condition()

    def _read_condition(self) -> Node:
        if self._take("exists"):
            return Condition(self._read_field().field, "exists")
        reader = self._read_field()
        if self._take("is"):
            return self._read_presence(reader)
        is_negated = self._take("not")
        for word, read in (
            ("like", self._read_pattern),
            ("ilike", self._read_pattern),
            ("in", self._read_list),
            ("between", self._read_bounds),
        ):
            start = self._next
            if self._take(word):
                operator = cast(Operator, f"not {word}" if is_negated else word)
                return Condition(reader.field, operator, read(reader, operator, start))
        if is_negated:
            self._refuse("like, ilike, in or between")
        return self._read_comparison(reader)

    def _read_comparison(self, reader: FieldReader) -> Condition:
        token = self._next
        if token.text not in _COMPARISONS:
            self._refuse(_TESTS)
        self._index += 1
        operator = _COMPARISONS[token.text]
        return Condition(reader.field, operator, (self._read_value(reader, operator),))

    def _read_field(self) -> FieldReader:
        token = self._next
        if token.keyword or token.kind not in ("word", "path"):
            self._refuse("a field: metrics.NAME, params.NAME, tags.NAME, or one of a run such as started_at")
        self._index += 1
        return FieldReader(self._text, token)

    def _read_presence(self, reader: FieldReader) -> Node:
        start = self._next
        if self._take("nan"):
            reader.check_nan(start)
            return Condition(reader.field, "is nan")
        is_there = self._take("not")
        self._expect("null", "null" if is_there else "null, not null or nan")
        condition = Condition(reader.field, "exists")
        return condition if is_there else Not(condition)

    def _read_value(self, reader: FieldReader, operator: Operator) -> Value:
        token = self._next
        if token.kind in ("end", "symbol") or token.keyword not in (None, "true", "false", "nan"):
            self._refuse(f"a value, {reader.example}")
        value = read_value(self._text, reader, operator, token)
        self._index += 1
        return value

    def _read_pattern(self, reader: FieldReader, operator: Operator, start: Token) -> tuple[Value, ...]:
        reader.check_text(operator, start)
        if self._next.kind != "string":
            self._refuse('a pattern in quotes, such as "vision%"')
        return (self._read_value(reader, operator),)

    def _read_list(self, reader: FieldReader, operator: Operator, _start: Token) -> tuple[Value, ...]:
        self._expect("(", 'a list in parentheses, such as ("a", "b")')
        values = [self._read_value(reader, operator)]
        while self._take(","):
            self._check_kind(values[0])
            values.append(self._read_value(reader, operator))
        self._expect(")", ", and one more value, or ) at the end of the list")
        return tuple(values)

    def _read_bounds(self, reader: FieldReader, operator: Operator, _start: Token) -> tuple[Value, ...]:
        low = self._read_value(reader, operator)
        self._expect("and", "and, between the two bounds")
        self._check_kind(low)
        return (low, self._read_value(reader, operator))

    def _check_kind(self, first: Value) -> None:
        """Refuse a value of another kind than the first one."""
        token = self._next
        is_other = {"string": not isinstance(first, str), "number": not isinstance(first, float)}
        if is_other.get(token.kind, token.keyword in ("true", "false") and not isinstance(first, bool)):
            self._refuse("a value of the same kind as the first")

    def _take(self, word: str) -> bool:
        """Go past a keyword or symbol, if that is what stands here."""
        is_there = self._next.keyword == word or (self._next.kind == "symbol" and self._next.text == word)
        self._index += is_there
        return is_there

    def _expect(self, word: str, allowed: str) -> None:
        if not self._take(word):
            self._refuse(allowed)


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
