//! What Go's own templates give, over values as `inspect` has them.

use super::Template;
use serde_json::{Value, json};

fn value() -> Value {
    json!({
        "Id": "abc", "Name": "/web", "Pid": 42, "Ratio": 1.5, "Empty": "", "None": null, "List": ["a", "b"],
        "State": {"Running": true, "Status": "running"},
        "Config": {"Labels": {"x": "1", "com.example.y": "2"}, "Env": ["A=1", "B=2"], "Nothing": {}},
        "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "90/tcp": null}
    })
}

fn render(template: &str) -> Result<String, String> {
    Template::parse(template).and_then(|parsed| parsed.render(&value())).map_err(|failure| failure.message)
}

#[test]
fn templates_print_what_go_prints() {
    for (template, wanted) in [
        ("plain", "plain"),
        ("{{.Id}} {{ .State.Status }}", "abc running"),
        ("{{.Pid}} {{.Ratio}} {{.State.Running}} {{.List}}", "42 1.5 true [a b]"),
        ("{{.Config.Labels}}", "map[com.example.y:2 x:1]"),
        ("{{.Config.Labels.x}}{{.Config.Labels.zz}}", "1<no value>"),
        ("{{.Config.Nothing.Foo}}", "<no value>"),
        ("{{index .Config.Labels \"com.example.y\"}}", "2"),
        ("{{(index (index .Ports \"80/tcp\") 0).HostPort}}", "8080"),
        ("{{json .State}}", "{\"Running\":true,\"Status\":\"running\"}"),
        ("{{json .Name}}{{.Name | json}}", "\"/web\"\"/web\""),
        ("{{join .List \", \"}}", "a, b"),
        ("{{range .List}}<{{.}}>{{end}}", "<a><b>"),
        ("{{range $i, $e := .List}}{{$i}}={{$e}};{{end}}", "0=a;1=b;"),
        ("{{range $k, $v := .Config.Labels}}{{$k}}:{{$v}} {{end}}", "com.example.y:2 x:1 "),
        ("{{range .Config.Nothing}}x{{else}}none{{end}}", "none"),
        ("{{range 3}}{{.}}{{end}}", "012"),
        ("{{range .List}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a"),
        ("{{range .List}}{{if eq . \"a\"}}{{continue}}{{end}}{{.}}{{end}}", "b"),
        ("{{if .State.Running}}up{{else}}down{{end}}", "up"),
        ("{{if .Empty}}a{{else if .None}}b{{else}}c{{end}}", "c"),
        ("{{with .State}}{{.Status}}{{end}}{{with .Empty}}x{{else}}-{{end}}", "running-"),
        ("{{with $x := .Pid}}{{$x}}{{$.Id}}{{end}}", "42abc"),
        ("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"),
        ("{{/* nothing */}}a {{- /* trims */ -}} b", "ab"),
        ("a  {{- .Id -}}  \n b", "aabcb"),
        ("{{if and .Id (eq .Pid 42) (not .Empty)}}y{{end}}", "y"),
        ("{{or .Empty .None \"z\"}}", "z"),
        (
            "{{eq .Pid 1 42}} {{ne 1 2}} {{lt 1 2}} {{ge \"b\" \"a\"}} {{le 1.5 .Ratio}}",
            "true true true true true",
        ),
        ("{{len .List}}{{len .Name}}", "24"),
        ("{{upper .Id}}{{lower \"ÀB\"}}{{title \"two words\"}}", "ABCàbTwo Words"),
        ("{{truncate .Name 2}}|{{pad .Id 1 2}}|", "/w| abc  |"),
        ("{{split .Name \"/\"}} {{slice .Name 1}} {{slice .List 1 2}}", "[ web] web [b]"),
        ("{{println .Id 1}}", "abc 1\n"),
        ("{{print 1 2 \"a\" 3}}", "1 2a3"),
        (
            "{{printf \"%5d|%-5s|%05.1f|%q|%v|%x|%%\" 42 \"ab\" 1.25 \"q\\\"\" true 255}}",
            "   42|ab   |001.2|\"q\\\"\"|true|ff|%",
        ),
        ("{{printf \"%s\" 1}}{{printf \"%d\"}}", "%!s(int=1)%!d(MISSING)"),
        ("{{`raw \\n`}}{{\"tab\\tA\\u0041\"}}{{'a'}}", "raw \\ntab\tAA97"),
        ("{{.Id | printf \"%s-%s\" \"x\" | upper}}", "X-ABC"),
        ("{{html \"<a>\"}}{{urlquery \"a b&\"}}", "&lt;a&gt;a+b%26"),
        ("{{\"}}\"}}", "}}"),
        ("{{1e3}} {{0x10}} {{-5}} {{1_000}}", "1000 16 -5 1000"),
        ("{{1e21}} {{0.00001}}", "1e+21 1e-05"),
    ] {
        assert_eq!(render(template).as_deref(), Ok(wanted), "{template}");
    }
}

#[test]
fn wrong_templates_are_refused() {
    for (template, part) in [
        ("{{", "unclosed action"),
        ("{{.Id", "unclosed action"),
        ("a\nb{{.Id", "template: :2: unclosed action"),
        ("{{/* x", "unclosed comment"),
        ("{{}}", "missing value for command"),
        ("{{.Id |}}", "missing value for command"),
        ("{{nope .}}", "function \"nope\" not defined"),
        ("{{if .Id}}x", "unexpected EOF"),
        ("{{end}}", "unexpected {{end}}"),
        ("{{else}}", "unexpected {{else}}"),
        ("{{$x}}", "undefined variable \"$x\""),
        ("{{(.Id}}", "unclosed left paren"),
        ("{{.Id)}}", "unexpected"),
        ("{{\"a}}", "unclosed action"),
        ("{{\"\\q\"}}", "invalid escape"),
        ("{{break}}", "outside"),
        ("{{define \"x\"}}{{end}}", "not supported"),
        ("{{1 2}}", "can't give argument to non-function"),
        ("{{9x}}", "bad number syntax"),
        ("{{%}}", "unexpected"),
    ] {
        let error = render(template).unwrap_err();
        assert!(
            error.starts_with("template parsing error: template: :") && error.contains(part),
            "{template}: {error}"
        );
    }
    let deep = "{{if 1}}".repeat(500) + &"{{end}}".repeat(500);
    assert!(render(&deep).unwrap_err().contains("nested too deeply"));
}

#[test]
fn wrong_values_are_refused() {
    for (template, part) in [
        ("{{.Nope}}", "map has no entry for key \"Nope\""),
        ("{{.State.Health.Status}}", "at <.State.Health.Status>: map has no entry for key \"Health\""),
        ("{{.None.X}}", "nil data"),
        ("{{.Id.X}}", "can't evaluate field X"),
        ("{{index .List 5}}", "index out of range: 5"),
        ("{{index .None 1}}", "index of untyped nil"),
        ("{{len 3}}", "error calling len"),
        ("{{eq .Id 1}}", "incompatible types"),
        ("{{upper 1}}", "expected string"),
        ("{{join .List}}", "wrong number of args for join: want 2 got 1"),
        ("{{range .Id}}{{end}}", "range can't iterate"),
        ("{{.Id 1}}", "has arguments but cannot be invoked"),
        ("{{slice .Name 3 1}}", "invalid slice index"),
    ] {
        let error = render(template).unwrap_err();
        assert!(error.contains(part), "{template}: {error}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[{}.$|()\"a-z0-9 :=,/*-]{0,40}") {
        let _ = render(&text);
        let _ = render(&format!("{{{{{text}}}}}"));
    }
}
