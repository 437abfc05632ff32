// The extension without an editor: starts, asks for `sdl lsp`, ends. `node check.js` prints what it asked for.
const Module = require("module");
const load = Module._load;
const asked = [];
class LanguageClient {
  constructor(id, name, server, client) {
    asked.push({ id, name, server, client });
  }
  async start() {
    asked.push("started");
  }
  stop() {
    asked.push("stopped");
  }
}
const stubs = {
  vscode: { workspace: { getConfiguration: () => ({ get: () => "sdl" }) } },
  "vscode-languageclient/node": { LanguageClient },
};
Module._load = (name, ...rest) => stubs[name] ?? load(name, ...rest);
const extension = require("./extension.js");
extension.activate().then(() => {
  extension.deactivate();
  console.log(JSON.stringify(asked));
});
