//! The proofs of the suites of `cargo bench --bench suites`: identities that hold, and some that do not.

#[path = "../bench/suites/identity.rs"]
mod identity;

use identity::identical;

#[test]
fn identities_are_proved_and_nothing_else() {
    let of = |text: &str| sdl::language::formula(text).unwrap();
    let holds = [
        ("m*v/sqrt(1 - v^2/c^2)", "sqrt(-1*m^2/(1/c^2 - 1/v^2))"),
        ("sqrt(x^2 + y^2 - 2*x*y*cos(s - t))", "sqrt(x*(x - 2*y*cos(t - s)) + y^2)"),
        ("n*a/(1 - n*a/3)*e", "e/(1/(a*n) - 0.3333333333333333)"),
        ("sin(x)^2", "(1 - cos(2*x))/2"),
        ("cos(x + y)", "cos(x)*cos(y) - sin(x)*sin(y)"),
        ("exp(x - y)*z", "z*exp(x)/exp(y)"),
        ("1/(exp(x) - 1)", "(1/tanh(x/2) - 1)/2"),
        ("log(x/y)", "-1*log(y/x)"),
        ("asin(x - y)", "-1*asin(y - x)"),
        ("x/(4*pi*e)", "0.07957747154594767*x/e"),
        ("sqrt(2*pi)*x", "2.5066282746310002*x"),
        ("c*cos(asin(v/c))", "sqrt(c^2 - v^2)"),
        ("abs(x)*sqrt(y)", "sqrt(x^2*y)"),
    ];
    for (a, b) in holds {
        assert!(identical(&of(a), &of(b)), "{a} = {b}");
    }
    let fails = [
        ("x^2 + y", "x^2 + y^2"),
        ("sin(x)^2", "1 - cos(x)"),
        ("sqrt(x + y)", "sqrt(x) + sqrt(y)"),
        ("exp(x + y)", "exp(x) + exp(y)"),
        ("log(x)", "log(y)"),
        ("pi*x", "3*x"),
        ("0.333*x", "x/3"),
    ];
    for (a, b) in fails {
        assert!(!identical(&of(a), &of(b)), "{a} and {b}");
    }
}
