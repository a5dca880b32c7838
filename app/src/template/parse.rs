//! From pieces to a tree.

use super::lex::{self, Piece, Token};
use serde_json::Value;

/// How deep blocks and parentheses may nest.
const DEEPEST: usize = 100;

/// A part of a template.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Node {
    /// Text to print as it is.
    Text(String),
    /// Prints a pipeline's value, unless it only sets variables.
    Print(Pipeline),
    /// `if`
    If(Pipeline, Vec<Node>, Vec<Node>),
    /// `with`
    With(Pipeline, Vec<Node>, Vec<Node>),
    /// `range`
    Range(Pipeline, Vec<Node>, Vec<Node>),
    /// `break`
    Break,
    /// `continue`
    Continue,
}

/// Commands that hand their value on as the next one's last argument.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Pipeline {
    /// The variables that it sets.
    pub variables: Vec<String>,
    /// Whether they are new ones (`:=`).
    pub declares: bool,
    /// The commands; the first word of each is what is called.
    pub commands: Vec<Vec<Operand>>,
}

/// A word of a command, and the fields after it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Operand {
    /// What it begins with.
    pub base: Base,
    /// Fields of it.
    pub fields: Vec<String>,
}

/// What a word begins with.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Base {
    /// `.`
    Dot,
    /// `$x`
    Variable(String),
    /// A constant.
    Constant(Value),
    /// A function's name.
    Function(String),
    /// A pipeline in parentheses.
    Group(Box<Pipeline>),
}

/// How a block ended.
enum Closing {
    Nothing,
    End,
    Else(Vec<Token>, usize),
}

/// Parses a whole template.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, String> {
    let mut parser = Parser {
        pieces: lex::pieces(text)?.into_iter(),
        depth: 0,
        loops: 0,
        scopes: vec![vec!["$".to_owned()]],
    };
    match parser.block()? {
        (nodes, Closing::Nothing) => Ok(nodes),
        (_, Closing::End) => Err("template: :1: unexpected {{end}}".to_owned()),
        (_, Closing::Else(_, line)) => Err(format!("template: :{line}: unexpected {{{{else}}}}")),
    }
}

struct Parser {
    pieces: std::vec::IntoIter<Piece>,
    depth: usize,
    loops: usize,
    /// Names of variables, by block.
    scopes: Vec<Vec<String>>,
}

impl Parser {
    /// Nodes up to the end of this block.
    fn block(&mut self) -> Result<(Vec<Node>, Closing), String> {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.next() {
            let (tokens, line) = match piece {
                Piece::Text(text) => {
                    nodes.push(Node::Text(text));
                    continue;
                }
                Piece::Action(tokens, line) => (tokens, line),
            };
            match tokens.first() {
                Some(Token::Name(name)) if name == "end" => return Ok((nodes, Closing::End)),
                Some(Token::Name(name)) if name == "else" => {
                    return Ok((nodes, Closing::Else(tokens[1..].to_vec(), line)));
                }
                _ => nodes.push(self.action(&tokens, line).map_err(|error| located(error, line))?),
            }
        }
        Ok((nodes, Closing::Nothing))
    }

    fn action(&mut self, tokens: &[Token], line: usize) -> Result<Node, String> {
        let Some(first) = tokens.first() else { return Err("missing value for command".to_owned()) };
        let keyword = if let Token::Name(name) = first { name.as_str() } else { "" };
        match keyword {
            "if" | "with" | "range" => self.control(keyword, &tokens[1..], line),
            "break" | "continue" if tokens.len() == 1 => {
                if self.loops == 0 {
                    return Err(format!("{{{{{keyword}}}}} outside {{{{range}}}}"));
                }
                Ok(if keyword == "break" { Node::Break } else { Node::Continue })
            }
            "define" | "template" | "block" => {
                Err(format!("{keyword} is not supported: write the text in place"))
            }
            _ => self.pipeline(tokens, false).map(Node::Print),
        }
    }

    /// `if`, `with` and `range`, with `else` and `else if`.
    fn control(&mut self, keyword: &str, tokens: &[Token], line: usize) -> Result<Node, String> {
        self.deeper()?;
        self.scopes.push(Vec::new());
        let pipeline =
            self.pipeline(tokens, keyword == "range").map_err(|error| format!("{error} in {keyword}"))?;
        self.loops += usize::from(keyword == "range");
        let (body, end) = self.block()?;
        self.loops -= usize::from(keyword == "range");
        let otherwise = match end {
            Closing::End => Vec::new(),
            Closing::Nothing => return Err(located("unexpected EOF".to_owned(), line)),
            Closing::Else(rest, line) => match rest.first() {
                None => match self.block()? {
                    (nodes, Closing::End) => nodes,
                    (_, Closing::Nothing) => return Err(located("unexpected EOF".to_owned(), line)),
                    (_, Closing::Else(..)) => {
                        return Err(located("expected end; found {{else}}".to_owned(), line));
                    }
                },
                // `{{else if}}` shares the `{{end}}` of its `{{if}}`.
                Some(Token::Name(next))
                    if (next == "if" && keyword == "if") || (next == "with" && keyword == "with") =>
                {
                    vec![self.control(next, &rest[1..], line)?]
                }
                Some(_) => return Err(located("unexpected words in {{else}}".to_owned(), line)),
            },
        };
        self.scopes.pop();
        self.depth -= 1;
        Ok(match keyword {
            "if" => Node::If(pipeline, body, otherwise),
            "with" => Node::With(pipeline, body, otherwise),
            _ => Node::Range(pipeline, body, otherwise),
        })
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST { Err("nested too deeply".to_owned()) } else { Ok(()) }
    }

    /// `$a, $b := command | command`
    fn pipeline(&mut self, tokens: &[Token], range: bool) -> Result<Pipeline, String> {
        let (variables, declares, rest) = match tokens {
            [Token::Variable(name), Token::Sign(sign @ (":=" | "=")), rest @ ..] => {
                (vec![name.clone()], *sign == ":=", rest)
            }
            [
                Token::Variable(index),
                Token::Sign(","),
                Token::Variable(name),
                Token::Sign(sign @ (":=" | "=")),
                rest @ ..,
            ] if range => (vec![index.clone(), name.clone()], *sign == ":=", rest),
            _ => (Vec::new(), false, tokens),
        };
        let mut at = 0;
        let commands = self.commands(rest, &mut at)?;
        if at < rest.len() {
            return Err(format!("unexpected {}", shown(&rest[at])));
        }
        for name in &variables {
            if declares {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.push(name.clone());
                }
            } else {
                self.known(name)?;
            }
        }
        Ok(Pipeline { variables, declares, commands })
    }

    /// Commands up to the end or a closing parenthesis.
    fn commands(&mut self, tokens: &[Token], at: &mut usize) -> Result<Vec<Vec<Operand>>, String> {
        let mut commands = vec![Vec::new()];
        while let Some(token) = tokens.get(*at) {
            match token {
                Token::Sign(")") => break,
                Token::Sign("|") => {
                    *at += 1;
                    if commands.last().is_some_and(Vec::is_empty) {
                        return Err("missing value for command".to_owned());
                    }
                    commands.push(Vec::new());
                }
                _ => {
                    let operand = self.operand(tokens, at)?;
                    if let Some(command) = commands.last_mut() {
                        command.push(operand);
                    }
                }
            }
        }
        if commands.last().is_some_and(Vec::is_empty) {
            return Err("missing value for command".to_owned());
        }
        for (index, command) in commands.iter().enumerate() {
            if index > 0 && matches!(command[0].base, Base::Constant(_)) {
                return Err("non executable command in pipeline".to_owned());
            }
            if command.len() > 1
                && matches!(command[0].base, Base::Constant(_))
                && command[0].fields.is_empty()
            {
                return Err("can't give argument to non-function".to_owned());
            }
        }
        Ok(commands)
    }

    fn operand(&mut self, tokens: &[Token], at: &mut usize) -> Result<Operand, String> {
        let token = &tokens[*at];
        *at += 1;
        let mut fields = Vec::new();
        let base = match token {
            Token::Dot => Base::Dot,
            Token::Field(name, _) => {
                fields.push(name.clone());
                Base::Dot
            }
            Token::Variable(name) => {
                self.known(name)?;
                Base::Variable(name.clone())
            }
            Token::Text(text) => Base::Constant(Value::String(text.clone())),
            Token::Integer(number) => Base::Constant((*number).into()),
            Token::Float(number) => Base::Constant((*number).into()),
            Token::Name(name) => match name.as_str() {
                "true" => Base::Constant(Value::Bool(true)),
                "false" => Base::Constant(Value::Bool(false)),
                "nil" => Base::Constant(Value::Null),
                _ if super::functions::is_known(name) => Base::Function(name.clone()),
                _ => return Err(format!("function {name:?} not defined")),
            },
            Token::Sign("(") => {
                self.deeper()?;
                let commands = self.commands(tokens, at)?;
                self.depth -= 1;
                if tokens.get(*at) != Some(&Token::Sign(")")) {
                    return Err("unclosed left paren".to_owned());
                }
                *at += 1;
                Base::Group(Box::new(Pipeline { variables: Vec::new(), declares: false, commands }))
            }
            Token::Sign(_) => return Err(format!("unexpected {}", shown(token))),
        };
        // `.A .B` are two words, `.A.B` is one.
        while let Some(Token::Field(name, false)) = tokens.get(*at) {
            fields.push(name.clone());
            *at += 1;
        }
        Ok(Operand { base, fields })
    }

    fn known(&self, name: &str) -> Result<(), String> {
        let known = self.scopes.iter().flatten().any(|other| other == name);
        if known { Ok(()) } else { Err(format!("undefined variable {name:?}")) }
    }
}

fn located(error: String, line: usize) -> String {
    if error.starts_with("template: ") { error } else { format!("template: :{line}: {error}") }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Name(name) => format!("<{name}>"),
        Token::Field(name, _) => format!("<.{name}>"),
        Token::Dot => "<.>".to_owned(),
        Token::Variable(name) => format!("<{name}>"),
        Token::Text(text) => format!("{text:?}"),
        Token::Integer(number) => format!("<{number}>"),
        Token::Float(number) => format!("<{number}>"),
        Token::Sign(sign) => format!("{sign:?} in operand"),
    }
}
