// Debian's Chromium, without a window, on pages of another origin than the server's; the calls that tests share.
import {mkdtempSync, rmSync, readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {chromium} from 'playwright-core';

// Chromium would otherwise look up its maker's hosts at every start.
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
               '--disable-component-update', '--disable-sync'];

// `pages` maps a path to HTML, `files` a path to the file it shows. Returns the calls, and what ends the browser.
export async function browser(pages, files = {}) {
  const site = createServer((request, answer) => {
    const path = request.url.split('?')[0];
    if (path in pages) answer.writeHead(200, {'Content-Type': 'text/html; charset=utf-8'}).end(pages[path]);
    else if (path in files) answer.writeHead(200, {'Content-Type': 'text/javascript'}).end(readFileSync(files[path]));
    else answer.writeHead(path === '/favicon.ico' ? 204 : 404).end();
  });
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  const origin = `http://shop.localhost:${site.address().port}`;
  const profile = mkdtempSync(join(tmpdir(), 'catchment-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: QUIET,
    ignoreHTTPSErrors: Boolean(process.env.ANY_CERTIFICATE),
  });
  const complaints = [];
  let page;

  // A new tab, whose localStorage is that of the tabs before it.
  async function tab() {
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  }

  await tab();
  const calls = {
    origin: () => origin,
    version: () => context.browser()?.version() ?? page.evaluate('navigator.userAgent'),
    open: (path) => page.goto(origin + path, {waitUntil: 'load'}).then(() => {}),
    tab,
    closeTab: () => page.close({runBeforeUnload: true}),
    // Ends the page as a crash does: it is not asked.
    killTab: () => page.close(),
    evaluate: (code) => page.evaluate(code),
    click: (selector) => page.click(selector),
    wheel: (pixels) => page.mouse.wheel(0, pixels),
    shiftClock: (milliseconds) => page.addInitScript(`(${shift})(${milliseconds})`),
    forget: () => page.evaluate('localStorage.clear()'),
    // Errors on the console since the last call.
    complaints: () => complaints.splice(0),
  };
  return {
    calls,
    async end() {
      await context.close();
      site.close();
      rmSync(profile, {recursive: true, force: true});
    },
  };
}

function shift(milliseconds) {
  const Real = Date;
  globalThis.Date = class Date extends Real {
    constructor(...given) {
      if (given.length === 0) super(Real.now() + milliseconds);
      else super(...given);
    }
    static now() {
      return Real.now() + milliseconds;
    }
  };
}
