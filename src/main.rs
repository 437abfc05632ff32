//! The program `sdl`.

fn main() -> std::process::ExitCode {
    sdl::shell::main().into()
}
