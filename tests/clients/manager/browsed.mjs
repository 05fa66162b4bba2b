// The manager's and the SDK's published browser builds, on a page of another origin.
import {fileURLToPath} from 'node:url';
import {browser} from './browser.mjs';
import {serve} from './driver.mjs';

const file = (path) => fileURLToPath(new URL(`./node_modules/${path}`, import.meta.url));
const PAGE = `<!doctype html><title>Game</title>
<script src="/aws.js"></script><script src="/ama.js"></script><body>Game</body>`;
const {calls, end} = await browser({'/': PAGE}, {
  '/aws.js': file('aws-sdk/dist/aws-sdk.min.js'),
  '/ama.js': file('aws-sdk-mobile-analytics/dist/aws-sdk-mobile-analytics.min.js'),
});

function start({endpoint, keys, manager: options}) {
  window.codes = [];
  AWS.config.update({region: 'us-east-1', credentials: new AWS.Credentials(keys)});
  window.manager = new AMA.Manager({
    ...options,
    clientOptions: {endpoint, retryDelayOptions: {base: 50}},
    submitCallback: (error) => window.codes.push(error ? error.code : 'stored'),
  });
  window.manager.client.throttlingSuppressionFunction = () => 1;
}

const state = `({codes, kept: manager.outputs.events.length + Object.values(manager.outputs.batches).flat().length,
  throttled: Boolean(manager.outputs.isThrottled)})`;

serve({
  ...calls,
  init: (given) => calls.evaluate(`(${start})(${JSON.stringify(given)})`),
  record: (...given) => calls.evaluate(`manager.recordEvent(...${JSON.stringify(given)}) !== null`),
  buy: (...given) => calls.evaluate(`manager.recordMonetizationEvent(...${JSON.stringify(given)}) !== null`),
  stop: () => calls.evaluate('manager.stopSession() !== null'),
  renew: () => calls.evaluate('manager.renewSession().id'),
  submit: () => calls.evaluate('manager.submitEvents()'),
  state: () => calls.evaluate(state),
}, end);
