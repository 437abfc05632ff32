//! The page of a run in a real browser: opened from the disk, clicked through, looked at in both colours and sizes. The
//! browser is driven by its own protocol over a pipe, so that no other program is needed.

use super::cli::Home;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

#[test]
#[ignore = "needs Chromium"]
fn a_page_works_in_a_browser() {
    let home = Home::new("browser");
    let told = home.sdl("run study.sdl --out run");
    assert_eq!(told.status, Some(0), "{told:?}");
    assert!(home.read("run/report.html").len() < 3_000_000);
    let page = format!("file://{}", home.0.join("run/report.html").display());
    let mut browser = Browser::start();
    for (width, height, mobile) in [(1280, 900, false), (390, 844, true)] {
        for dark in ["light", "dark"] {
            let session = browser.open(&page, width, height, mobile, dark);
            for (what, expression) in [
                ("nothing is wider than the page", "document.documentElement.scrollWidth <= innerWidth"),
                (
                    "every chart is drawn",
                    "[...document.querySelectorAll('figure[data-chart] .plot')].every(plot => plot.querySelector('svg')) \
                     && document.querySelectorAll('figure[data-chart] svg').length >= 6",
                ),
                ("formulas are typeset", "document.querySelectorAll('math').length > 3"),
                ("every picture is named", "[...document.querySelectorAll('[role=img]')].every(one => one.ariaLabel)"),
                ("the script is there in colours", "document.querySelectorAll('pre.script .k').length > 5"),
                (
                    "bodies move",
                    "(async () => { \
                     const figure = document.querySelector('[data-motion]'), canvas = figure.querySelector('.law canvas'); \
                     const slider = figure.querySelector('input[type=range]'), pictures = new Set(); \
                     for (const at of [0, 30, 90]) { \
                       slider.value = at; slider.dispatchEvent(new Event('input')); pictures.add(canvas.toDataURL()); } \
                     const before = +slider.value; figure.querySelector('button').click(); \
                     await new Promise(done => setTimeout(done, 400)); \
                     return pictures.size === 3 && +slider.value > before; })()",
                ),
                (
                    "messages change with the slider's keys",
                    "(() => { const figure = document.querySelector('[data-film]'); \
                     const slider = figure.querySelector('input'), before = figure.querySelector('output').textContent; \
                     slider.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft' })); \
                     figure.querySelectorAll('.choice button')[1].click(); \
                     return figure.querySelector('output').textContent !== before \
                       && figure.textContent.includes('true acceleration'); })()",
                ),
                (
                    "a chart is saved as SVG and PNG",
                    "(async () => { \
                     const saved = {}, click = HTMLAnchorElement.prototype.click; \
                     HTMLAnchorElement.prototype.click = function () { saved[this.download.slice(-3)] = this.href; }; \
                     for (const button of document.querySelector('.save').children) button.click(); \
                     while (!saved.svg || !saved.png) await new Promise(done => setTimeout(done, 20)); \
                     HTMLAnchorElement.prototype.click = click; \
                     const image = new Image(); image.src = saved.png; await image.decode(); \
                     const canvas = document.createElement('canvas'); \
                     canvas.width = image.width; canvas.height = image.height; \
                     const pen = canvas.getContext('2d'); pen.drawImage(image, 0, 0); \
                     const seen = new Set(new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer)); \
                     return decodeURIComponent(saved.svg).includes('xmlns=') && image.width > 500 && seen.size > 4; })()",
                ),
                (
                    "all that is worked with the hand has a name",
                    "[...document.querySelectorAll('button, input, select, [tabindex]')] \
                     .every(one => one.ariaLabel || one.textContent.trim() || one.closest('label'))",
                ),
                (
                    "colours change by the button",
                    "(() => { const paper = () => getComputedStyle(document.body).backgroundColor; const seen = new Set(); \
                     for (let k = 0; k < 3; k++) { document.getElementById('theme').click(); seen.add(paper()); } \
                     return seen.size === 2; })()",
                ),
            ] {
                assert_eq!(browser.evaluate(&session, expression), json!(true), "{what}, {width} px, {dark}");
            }
            browser.point_at(&session, "figure[data-chart$=-front] .plot circle");
            let tip = "[...document.querySelectorAll('figure[data-chart$=-front] .plot text')] \
                       .some(text => text.textContent.includes('complexity '))";
            let start = Instant::now();
            while browser.evaluate(&session, tip) != json!(true) {
                assert!(start.elapsed() < Duration::from_secs(10), "a formula shows where the pointer is, {width} px");
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
    // The page of a sweep, as it is printed.
    home.write("sweep.sdl", super::trust::SWEEP);
    assert_eq!(home.sdl("run sweep.sdl --out sweep --quiet").status, Some(0));
    let page = format!("file://{}", home.0.join("sweep/report.html").display());
    for (width, mobile) in [(1280, false), (390, true)] {
        let session = browser.open(&page, width, 900, mobile, "light");
        browser.call(Some(&session), "Emulation.setEmulatedMedia", json!({ "media": "print" }));
        for (what, expression) in [
            ("nothing is wider than the page", "document.documentElement.scrollWidth <= innerWidth"),
            ("each law has its name", "document.querySelectorAll('#found h3').length === 2"),
            ("cells are shaded", "document.querySelectorAll('table .shaded').length >= 2"),
            ("columns and rows have heads", "document.querySelectorAll('th[scope=row]').length > 2"),
            ("nothing to click is printed", "getComputedStyle(document.querySelector('.controls')).display === 'none'"),
        ] {
            assert_eq!(browser.evaluate(&session, expression), json!(true), "sweep: {what}, {width} px");
        }
    }
    assert!(browser.complaints.is_empty(), "{:#?}", browser.complaints);
}

/// A headless browser.
struct Browser {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    calls: u64,
    /// Errors, warnings and whatever else the console was told.
    complaints: Vec<Value>,
}

impl Browser {
    fn start() -> Browser {
        // The protocol's ends are the descriptors 3 and 4.
        let line = "exec chromium --headless --no-sandbox --disable-gpu --remote-debugging-pipe 3<&0 4>&1 >/dev/null";
        let mut child = Command::new("sh")
            .args(["-c", line])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Browser { child, input, output, calls: 0, complaints: vec![] }
    }

    fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        self.input.write_all(format!("{message}\0").as_bytes()).expect("the browser is there");
        loop {
            let mut bytes = vec![];
            self.output.read_until(0, &mut bytes).expect("the browser is there");
            bytes.pop();
            let told: Value = serde_json::from_slice(&bytes).expect("the browser speaks JSON");
            match told["method"].as_str() {
                Some("Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded") => {
                    self.complaints.push(told);
                }
                _ if told["id"] == json!(self.calls) => {
                    assert!(told["error"].is_null(), "{method}: {told}");
                    return told["result"].clone();
                }
                _ => {}
            }
        }
    }

    /// Opens a page in a window of its own, and waits until it is ready.
    fn open(&mut self, page: &str, width: u32, height: u32, mobile: bool, colours: &str) -> String {
        let target = self.call(None, "Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call(None, "Target.attachToTarget", attach)["sessionId"].as_str().unwrap().to_owned();
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": colours }] });
        for (method, params) in [
            ("Page.enable", json!({})),
            ("Runtime.enable", json!({})),
            ("Log.enable", json!({})),
            ("Emulation.setDeviceMetricsOverride", size),
            ("Emulation.setEmulatedMedia", media),
            ("Page.navigate", json!({ "url": page })),
        ] {
            self.call(Some(&session), method, params);
        }
        let start = Instant::now();
        while self.evaluate(&session, "document.readyState === 'complete' && location.protocol === 'file:'")
            != json!(true)
        {
            assert!(start.elapsed() < Duration::from_secs(30), "the page does not open");
            std::thread::sleep(Duration::from_millis(50));
        }
        session
    }

    /// Moves the mouse over an element.
    fn point_at(&mut self, session: &str, selector: &str) {
        let place = format!(
            "(() => {{ const one = document.querySelector({selector:?}); \
             one.scrollIntoView({{ behavior: 'instant', block: 'center' }}); \
             const at = one.getBoundingClientRect(); return [at.x + at.width / 2, at.y + at.height / 2]; }})()"
        );
        let place = self.evaluate(session, &place);
        let moved = json!({ "type": "mouseMoved", "x": place[0], "y": place[1] });
        self.call(Some(session), "Input.dispatchMouseEvent", moved);
    }

    fn evaluate(&mut self, session: &str, expression: &str) -> Value {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let told = self.call(Some(session), "Runtime.evaluate", params);
        assert!(told["exceptionDetails"].is_null(), "{expression}: {told}");
        told["result"]["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
