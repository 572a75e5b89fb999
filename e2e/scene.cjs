// What a test needs: an emulated HubSpot account, a server on a data directory of its own, and a browser.
// Everything listens on loopback, on ports that were free, and ends with the test.
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { mkdtemp, rm, writeFile } = require("node:fs/promises");
const { createServer } = require("node:net");
const { tmpdir } = require("node:os");
const path = require("node:path");
const { createInterface } = require("node:readline");
const { chromium } = require("playwright-core");

const BINARY = process.env.HUBTRAIL_BIN ?? "hubtrail";
const CHROMIUM = process.env.CHROMIUM_BIN ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const TOKEN = "pat-na1-e2e-0123456789";
const PERSON = { name: "Dana Okafor", password: "seven quiet otters" };

/** A running `hubtrail`, and what it prints. */
class Running {
  constructor(args, env = {}) {
    this.child = spawn(BINARY, args, { env: { PATH: process.env.PATH, TZ: "UTC", ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.said = [];
    this.waiting = [];
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => this.hear(line));
    }
    this.ended = once(this.child, "exit");
    this.ended.then(() => this.waiting.splice(0).forEach(({ refuse }) => refuse(new Error(`it ended:\n${this.said.join("\n")}`))));
  }

  hear(line) {
    this.said.push(line);
    this.waiting = this.waiting.filter(({ pattern, found }) => {
      const match = line.match(pattern);
      if (match) found(match);
      return !match;
    });
  }

  /** The first line that matches, past or to come. */
  line(pattern) {
    const match = this.said.map((line) => line.match(pattern)).find(Boolean);
    if (match) return Promise.resolve(match);
    return new Promise((found, refuse) => this.waiting.push({ pattern, found, refuse }));
  }

  async end(signal = "SIGTERM") {
    this.child.kill(signal);
    await this.ended;
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const launch = () => chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

class Scene {
  static async open({ events = 2_000, live = 240, records = "", attack = "", seed = 1, scopes = "" } = {}) {
    const scene = new Scene();
    scene.events = events;
    scene.home = await mkdtemp(path.join(tmpdir(), "hubtrail-e2e-"));
    scene.port = await freePort();
    scene.url = `http://127.0.0.1:${scene.port}`;
    scene.history = ["--seed", String(seed), "--events", String(events), ...(live ? ["--live", String(live)] : []), ...(attack ? ["--attack", attack] : [])];
    if (records) {
      const trace = path.join(scene.home, "trace.ndjson");
      await writeFile(trace, records);
      scene.history = ["--trace", trace];
    }
    await scene.emulate({ scopes });
    await scene.serve();
    scene.browser = await launch();
    return scene;
  }

  /** The account, for the one token that opens it; anew at the same address, it knows another token. */
  async emulate({ token = TOKEN, scopes = "" } = {}) {
    await this.account?.end("SIGKILL");
    const listen = this.hubspot ? new URL(this.hubspot).host : "127.0.0.1:0";
    const sees = scopes ? ["--scopes", scopes] : [];
    this.account = new Running([
      "emulate", "--listen", listen, "--token", token, ...this.history, ...sees, "--rate-limit", "off", "--daily-limit", "off",
    ]);
    [, this.hubspot] = await this.account.line(/(http:\/\/127\.0\.0\.1:\d+)/);
  }

  /** A browser alone, for what is started otherwise. */
  static async browse() {
    const scene = new Scene();
    scene.browser = await launch();
    return scene;
  }

  async serve() {
    const env = { HOME: this.home, HUBTRAIL__STORAGE__DATA_DIR: path.join(this.home, "data") };
    this.server = new Running(["serve", "--listen", `127.0.0.1:${this.port}`], env);
    await this.server.line(/listening on/);
  }

  /** The link that is printed as long as nobody can sign in. */
  async setupLink() {
    return (await this.server.line(/(http\S+\/setup\?key=\S+)/))[1];
  }

  async page(options = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.wrong = [];
    page.on("pageerror", (error) => page.wrong.push(error.message));
    page.on("console", (message) => {
      // A lost connection is told by the browser too; it is not of the page's making.
      if (message.type() === "error" && !message.text().includes("net::ERR")) page.wrong.push(message.text());
    });
    return page;
  }

  /** A page of somebody who has signed in elsewhere. */
  async as(cookies, options) {
    const page = await this.page(options);
    await page.context().addCookies(cookies);
    return page;
  }

  /** What the API says to whoever looks at the page. */
  async api(page, path) {
    const reply = await page.request.get(`${this.url}/api/v1${path}`);
    if (!reply.ok()) throw new Error(`${path}: ${reply.status()} ${await reply.text()}`);
    return reply.json();
  }

  /** Has the API do something on behalf of whoever looks at the page. */
  async send(page, path, data) {
    const headers = { "x-csrf-token": (await this.api(page, "/session")).csrf };
    const reply = await page.request.post(`${this.url}/api/v1${path}`, { data, headers });
    if (!reply.ok()) throw new Error(`${path}: ${reply.status()} ${await reply.text()}`);
    return reply.json();
  }

  /** Until the whole history is in the log. */
  async collected(page) {
    for (;;) {
      const { streams } = await this.api(page, "/status");
      if (streams.every((stream) => !stream.progress && stream.total >= this.events)) return;
      await new Promise((after) => setTimeout(after, 200));
    }
  }

  async close() {
    await this.browser?.close();
    await this.server?.end("SIGKILL");
    await this.account?.end("SIGKILL");
    if (this.home) await rm(this.home, { recursive: true, force: true });
  }
}

module.exports = { TOKEN, PERSON, Running, Scene, freePort };
