//! Which fields of a value a template looks at, so that others need not be made.

use super::parse::{Base, Node, Operand, Pipeline};

/// The first fields of all words: those of the outermost value are among them. `None` where a value is used as a whole.
pub(super) fn named(nodes: &[Node]) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    block(nodes, &mut fields).then_some(fields)
}

fn block(nodes: &[Node], fields: &mut Vec<String>) -> bool {
    nodes.iter().all(|node| match node {
        Node::Text(_) | Node::Break | Node::Continue => true,
        Node::Print(printed) => pipeline(printed, fields),
        Node::If(condition, then, otherwise)
        | Node::With(condition, then, otherwise)
        | Node::Range(condition, then, otherwise) => {
            pipeline(condition, fields) && block(then, fields) && block(otherwise, fields)
        }
    })
}

fn pipeline(pipeline: &Pipeline, fields: &mut Vec<String>) -> bool {
    pipeline.commands.iter().flatten().all(|word| operand(word, fields))
}

fn operand(word: &Operand, fields: &mut Vec<String>) -> bool {
    match &word.base {
        Base::Constant(_) | Base::Function(_) => return true,
        Base::Group(inner) => return pipeline(inner, fields),
        Base::Dot | Base::Variable(_) => {}
    }
    let Some(first) = word.fields.first() else { return false };
    fields.push(first.clone());
    true
}

#[cfg(test)]
mod tests {
    use super::super::Template;

    #[test]
    fn fields_are_found_wherever_they_stand() {
        let template = Template::parse(
            r#"{{.A}}{{if eq (lower .B) "x"}}{{$.C.Inner | json}}{{else}}{{with $v := .D}}{{end}}{{end}}"#,
        )
        .unwrap();
        for field in ["A", "B", "C", "D"] {
            assert!(template.asks_for(field), "{field}");
        }
        assert!(!template.asks_for("Inner") && !template.asks_for("E"));
    }

    #[test]
    fn a_value_used_as_a_whole_needs_them_all() {
        for text in
            ["{{json .}}", "{{.}}", "{{range .A}}{{.}}{{end}}", "{{$x := .A}}{{$x}}", "{{index $ \"B\"}}"]
        {
            assert!(Template::parse(text).unwrap().asks_for("B"), "{text}");
        }
    }
}
