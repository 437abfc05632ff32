// Starts `sdl lsp` and lets the editor talk to it; everything else is the program's.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const command = workspace.getConfiguration("sdl").get("path");
  client = new LanguageClient("sdl", "SDL", { command, args: ["lsp"] }, { documentSelector: [{ language: "sdl" }] });
  await client.start();
};

exports.deactivate = () => client?.stop();
