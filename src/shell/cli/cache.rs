//! `sdl cache`: the store of finished stages, listed and cleaned.

use super::CacheArguments;
use super::load::refuse;
use crate::base::{Diagnostic, World};
use crate::engine::estimate::bytes;
use crate::engine::{Cache, Item};
use crate::report::{Align, grid};
use crate::shell::terminal;
use crate::shell::world::Machine;

/// Lists or cleans the store and says the exit status.
pub fn cache(arguments: &CacheArguments, machine: &Machine) -> u8 {
    let Some(folder) = Cache::default_folder(machine) else {
        terminal::say("there is no store: neither SDL_CACHE nor HOME is set");
        return 0;
    };
    let items = match Cache::new(machine, folder.clone(), machine.build()).items() {
        Ok(items) => items,
        Err(error) => {
            let headline = format!("the store `{}` cannot be read", folder.display());
            return refuse(&Diagnostic::new("W0605", headline).note(error.to_string()));
        }
    };
    let gone = |item: &&Item| arguments.clear || (arguments.clean && item.fault.is_some());
    let size = |items: &mut dyn Iterator<Item = &Item>| bytes(items.map(|item| item.bytes).sum());
    if arguments.clear || arguments.clean {
        let gone: Vec<&Item> = items.iter().filter(gone).collect();
        for item in &gone {
            if let Err(error) = machine.remove(&item.path) {
                let headline = format!("`{}` cannot be taken away", item.path.display());
                return refuse(&Diagnostic::new("E0602", headline).note(error.to_string()));
            }
        }
        terminal::say(&format!("{} files taken away, {}", gone.len(), size(&mut gone.iter().copied())));
        return 0;
    }
    let header = ["of", "part", "size", ""].map(String::from).to_vec();
    let rows = items.iter().map(|item| {
        let fault = item.fault.clone().unwrap_or_default();
        vec![item.about.clone(), item.part.clone(), bytes(item.bytes), fault]
    });
    let rows: Vec<Vec<String>> = [header].into_iter().chain(rows).collect();
    if !items.is_empty() {
        use Align::{Left, Right};
        grid(&[Left, Left, Right, Left], &rows).iter().for_each(|line| terminal::say(line));
        terminal::say("");
    }
    terminal::say(&format!("{} files, {} in {}", items.len(), size(&mut items.iter()), folder.display()));
    0
}
