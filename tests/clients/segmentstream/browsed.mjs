// SegmentStream's SDK is in no registry. This page sends what the SDK sends, in the way it sends it: one fetch a hit,
// with credentials, no header of its own and a text as body, so that no preflight is due; no retries.
import {browser} from './browser.mjs';
import {serve} from './driver.mjs';

const PAGE = '<!doctype html><title>Boots</title><body>Boots</body>';
const {calls, end} = await browser({'/boots': PAGE, '/confirmation': PAGE});

function hit({url, projectId, event, identity}) {
  const sent = {
    event,
    website: {type: 'responsive', language: 'en'},
    type: 'event',
    hitId: crypto.randomUUID(),
    projectId,
    projectName: 'Shop',
    ...identity,
    context: {
      userAgent: navigator.userAgent,
      device: {type: 'desktop'},
      campaign: {name: 'spring', source: 'newsletter', medium: 'email'},
      page: {url: location.href, path: location.pathname, title: document.title, hash: location.hash},
      screenWidth: screen.width,
      screenHeight: screen.height,
    },
    sentAt: new Date().toISOString(),
    version: 12,
  };
  const body = JSON.stringify(sent);
  return fetch(url, {method: 'POST', mode: 'cors', credentials: 'include', body}).then((answer) => ({status: answer.status, body}));
}

// The documented call of a server, made from a page.
function track({url, token, body}) {
  const headers = {'Authorization': `Basic ${btoa(token + ':')}`, 'Content-Type': 'application/json'};
  return fetch(url, {method: 'POST', headers, body}).then((answer) => answer.status);
}

serve({
  ...calls,
  hit: (given) => calls.evaluate(`(${hit})(${JSON.stringify(given)})`),
  track: (given) => calls.evaluate(`(${track})(${JSON.stringify(given)})`),
  again: (url, body) => calls.evaluate(`fetch(${JSON.stringify(url)}, {method: 'POST', credentials: 'include', body: ${JSON.stringify(body)}}).then((a) => a.status)`),
}, end);
