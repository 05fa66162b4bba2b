// The same call of fetch, made from a page in Chromium whose origin is not the server's.
import {readFileSync} from 'node:fs';
import {browser} from './browser.mjs';
import {serve} from './driver.mjs';

const {calls, end} = await browser({'/': '<!doctype html><title>Shop</title>'});

function send({url, body}) {
  const headers = new Headers();
  headers.append('Content-Type', 'application/json; charset=utf-8');
  headers.append('X-Forwarded-For', '101.188.67.134');
  const options = {method: 'POST', headers, body, redirect: 'follow'};
  return fetch(url, options).then((answer) => answer.text().then((text) => [answer.status, text]));
}

serve({
  ...calls,
  send: (url) => calls.evaluate(`(${send})(${JSON.stringify({url, body: readFileSync('clickstream.json', 'utf8')})})`),
}, end);
