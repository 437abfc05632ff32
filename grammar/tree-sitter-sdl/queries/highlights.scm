(comment) @comment
(documentation) @comment.documentation
(text) @string
(number) @number
(unit) @type
(block kind: _ @keyword)
(block name: (name) @type.definition)
(definition name: (name) @function)
(draw name: (name) @property)
(field key: _ @property)
(call . (name) @function.call)
(member (name) @property)
["use" "expect" "allow" "never" "column" "cost" "in" "where" "if" "then" "else" "not"] @keyword
["true" "false"] @constant.builtin
["{" "}" "(" ")" "[" "]"] @punctuation.bracket
