/**
 * The language as the rules of an LALR(1) grammar, rule for rule in the order of Nix's own (parser.y): the automaton that
 * explains syntax errors (automaton.ts) is made of them, and what it expects in a given place depends on how the
 * language is cut into rules. The parser proper is parser.ts; tests hold the two against each other.
 *
 * One line an alternative: the name on the left stands for the lines up to the next one. Words with a capital are tokens
 * (tokens.ts); `%Name` gives a rule the precedence of that operator instead of its last token's.
 */
export const productions = `
start: expr
     | ReplBindings binds1
expr: function
function: Identifier Colon function
     | formalSet Colon function
     | formalSet At Identifier Colon function
     | Identifier At formalSet Colon function
     | Assert expr Semicolon function
     | With expr Semicolon function
     | Let binds In function
     | conditional
conditional: If expr Then expr Else expr
     | pipeFrom
     | pipeInto
     | op
pipeFrom: op PipeFrom pipeFrom
     | op PipeFrom op
pipeInto: pipeInto PipeInto op
     | op PipeInto op
op: Not op %Not
     | Minus op %Negate
     | op Equal op
     | op NotEqual op
     | op Less op
     | op LessEqual op
     | op Greater op
     | op GreaterEqual op
     | op And op
     | op Or op
     | op Implies op
     | op Update op
     | op Question attrPath
     | op Plus op
     | op Minus op
     | op Star op
     | op Slash op
     | op Concat op
     | application
application: application select
     | select
select: simple Dot attrPath
     | simple Dot attrPath OrKeyword select
     | simple OrKeyword
     | simple
simple: Identifier
     | Integer
     | Float
     | Quote stringParts Quote
     | IndentedOpen indentedParts IndentedClose
     | pathStart PathEnd
     | pathStart interpolated PathEnd
     | SearchPath
     | Uri
     | OpenParen expr CloseParen
     | Let OpenBrace binds CloseBrace
     | Rec OpenBrace binds CloseBrace
     | OpenBrace binds1 CloseBrace
     | OpenBrace CloseBrace
     | OpenBracket list CloseBracket
stringParts: StringPart
     | interpolated
     |
interpolated: interpolated StringPart
     | interpolated DollarBrace expr CloseBrace
     | DollarBrace expr CloseBrace
     | StringPart DollarBrace expr CloseBrace
pathStart: Path
     | HomePath
indentedParts: indentedParts IndentedPart
     | indentedParts DollarBrace expr CloseBrace
     |
binds: binds1
     |
binds1: binds1 attrPath Assign expr Semicolon
     | binds Inherit attrs Semicolon
     | binds Inherit OpenParen expr CloseParen attrs Semicolon
     | attrPath Assign expr Semicolon
attrs: attrs attr
     | attrs stringAttr
     |
attrPath: attrPath Dot attr
     | attrPath Dot stringAttr
     | attr
     | stringAttr
attr: Identifier
     | OrKeyword
stringAttr: Quote stringParts Quote
     | DollarBrace expr CloseBrace
list: list select
     |
formalSet: OpenBrace formals Comma Ellipsis CloseBrace
     | OpenBrace Ellipsis CloseBrace
     | OpenBrace formals Comma CloseBrace
     | OpenBrace formals CloseBrace
     | OpenBrace CloseBrace
formals: formals Comma formal
     | formal
formal: Identifier
     | Identifier Question expr
`;
